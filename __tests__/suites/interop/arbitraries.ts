import { fc } from '@fast-check/jest';

/** Any well-formed Unicode text. */
const text = fc.string({ unit: 'binary', maxLength: 20 });

/** Any client name or identity. */
// eslint-disable-next-line no-control-regex -- what no client name may have
export const anyName = text.filter((name) => name !== '' && !/[\u0000-\u001f\u007f-\u009f]/.test(name));

const keys = text.filter((key) => key !== '' && key !== '__proto__');
export const params = fc.dictionary(keys, text, { maxKeys: 5 });
/** For an empty object, twilio writes "appParams=" without a value. */
export const someParams = fc.dictionary(keys, text, { minKeys: 1, maxKeys: 5 });
