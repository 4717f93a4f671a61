import { readFileSync } from 'node:fs';
import path from 'node:path';

/** Numbers of https://www.twilio.com/docs/api/errors that are about tokens and calls, whether an SDK lists them or not. */
const OF_DICTIONARY = [
  ...range(20101, 20107),
  20151,
  ...range(20155, 20157),
  20160,
  21218,
  ...range(31000, 31009),
  31100,
  31105,
  ...range(31201, 31208),
  ...range(31400, 31405),
  31480,
  31486,
  31603,
  51007,
  52002,
  53000,
  53001,
  53405,
];

export const SDKS = ['@twilio/voice-sdk', 'twilio-client'] as const;
export type Sdk = (typeof SDKS)[number];

function range(first: number, last: number): number[] {
  return Array.from({ length: last - first + 1 }, (_, index) => first + index);
}

/** The folder of the installed SDK. */
export function sdkFolder(sdk: Sdk): string {
  return path.join(require.resolve(sdk), '../..');
}

export function sdkVersion(sdk: Sdk): string {
  const manifest = readFileSync(path.join(sdkFolder(sdk), 'package.json'), 'utf8');
  return (JSON.parse(manifest) as { version: string }).version;
}

/** The numbers in both SDKs' lists of errors, and those above. */
export function allNumbers(): number[] {
  const listed = SDKS.flatMap((sdk) => {
    // eslint-disable-next-line @typescript-eslint/no-require-imports -- the folder is known only at run time
    const { errorsByCode } = require(path.join(sdkFolder(sdk), 'es5/twilio/errors/generated.js')) as {
      errorsByCode: ReadonlyMap<number, unknown>;
    };
    return [...errorsByCode.keys()];
  });
  return [...new Set([...OF_DICTIONARY, ...listed])].sort((a, b) => a - b);
}
