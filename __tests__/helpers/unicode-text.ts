import fc from 'fast-check';

/** The number of surrogates, U+D800 to U+DFFF. */
const SURROGATES = 0x800;

const character = fc
  .integer({ min: 0, max: 0x10ffff - SURROGATES })
  .map((index) => String.fromCodePoint(index < 0xd800 ? index : index + SURROGATES));

/** Any well-formed Unicode text. The `binary` unit of fc.string needs two seconds for its table. */
export const unicodeText = fc.array(character, { maxLength: 20 }).map((characters) => characters.join(''));
