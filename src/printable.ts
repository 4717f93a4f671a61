/**
 * What moves a cursor, reorders or hides text: control and format characters (among them the bidirectional
 * ones and the zero-width ones), line and paragraph separators, lone surrogates, private use.
 */
const UNPRINTABLE = /[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Zl}\p{Zp}]/gu;

/**
 * Text that came from outside, for a terminal or a log: what could do something there is shown as `\u001b`
 * instead. In JSON it means the same, since JSON escapes like that.
 */
export function printable(text: string): string {
  return text.replace(UNPRINTABLE, (character) =>
    Array.from(
      { length: character.length },
      (_, index) => `\\u${character.charCodeAt(index).toString(16).padStart(4, '0')}`,
    ).join(''),
  );
}

/** A value as one line of printable JSON. */
export function quote(value: unknown): string {
  return printable(JSON.stringify(value));
}
