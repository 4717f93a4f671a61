import type { Seen, Setup } from './measure';
import { SDKS, sdkVersion, type Sdk } from './numbers';

/** How an error reaches the page: as the device's, or as that of a call. */
export type Place = 'connection' | 'call';

/** The columns of the table, in order. */
export const COLUMNS: readonly (Setup & { readonly name: string; readonly place: Place })[] = [
  { name: 'connection', sdk: '@twilio/voice-sdk', isPrecise: false, place: 'connection' },
  { name: 'connection, precise', sdk: '@twilio/voice-sdk', isPrecise: true, place: 'connection' },
  { name: 'call', sdk: '@twilio/voice-sdk', isPrecise: false, place: 'call' },
  { name: 'call, precise', sdk: '@twilio/voice-sdk', isPrecise: true, place: 'call' },
  { name: 'twilio-client connection', sdk: 'twilio-client', isPrecise: false, place: 'connection' },
  { name: 'twilio-client call', sdk: 'twilio-client', isPrecise: false, place: 'call' },
];

/** The content of src/cli/page-numbers.json. The header of run.ts describes it. */
export interface PageNumbers {
  readonly sdks: Readonly<Record<Sdk, string>>;
  readonly columns: readonly string[];
  readonly numbers: Readonly<Record<string, readonly number[]>>;
  readonly general: Readonly<Record<Place, Seen>>;
  readonly hasOriginalError: Readonly<Record<Place, boolean>>;
  readonly texts: Readonly<Record<string, string>>;
}

/** Numbers that `@twilio/voice-sdk` has no class for, and has one for. */
const WITHOUT_CLASS = 20102;
const WITH_CLASS = 31000;

/** Returns what the table says about a number in a column. */
export function lookUp(table: PageNumbers, sent: number, column: number): Seen {
  const { sdk, place } = COLUMNS[column]!;
  const code = table.numbers[sent]![column]!;
  if (sdk === 'twilio-client') return { code, text: '…', hasOriginalError: false };
  if (code !== sent && code === table.general[place].code) return table.general[place];
  const text = table.texts[code]!;
  return {
    code,
    text: place === 'call' ? text.replace(/: .*/s, ': …') : text,
    hasOriginalError: table.hasOriginalError[place],
  };
}

/**
 * Makes the table from what was measured in each column.
 *
 * @throws {Error} If the table does not say what was measured.
 */
export function createTable(measured: readonly ReadonlyMap<number, Seen>[]): PageNumbers {
  const [connection, , call] = measured;
  const general = { connection: connection!.get(WITHOUT_CLASS)!, call: call!.get(WITHOUT_CLASS)! };
  const hasOriginalError = {
    connection: connection!.get(WITH_CLASS)!.hasOriginalError,
    call: call!.get(WITH_CLASS)!.hasOriginalError,
  };
  const texts: Record<string, string> = {};
  for (const column of measured.slice(0, 4)) {
    for (const { code, text } of column.values()) {
      if (text !== general.call.text && !(code in texts)) texts[code] = text;
    }
  }
  const table: PageNumbers = {
    sdks: Object.fromEntries(SDKS.map((sdk) => [sdk, sdkVersion(sdk)])) as Record<Sdk, string>,
    columns: COLUMNS.map(({ name }) => name),
    numbers: Object.fromEntries(
      [...connection!.keys()].map((sent) => [sent, measured.map((column) => column.get(sent)!.code)]),
    ),
    general,
    hasOriginalError,
    texts,
  };
  for (const [column, results] of measured.entries()) {
    for (const [sent, seen] of results) {
      const said = lookUp(table, sent, column);
      if (
        said.code !== seen.code ||
        said.text !== seen.text ||
        said.hasOriginalError !== seen.hasOriginalError
      ) {
        throw new Error(
          `${table.columns[column] ?? ''}, ${sent}: measured ${JSON.stringify(seen)}, not ${JSON.stringify(said)}`,
        );
      }
    }
  }
  return table;
}
