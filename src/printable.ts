/**
 * Characters that move the cursor, reorder text or cannot be seen: control, format, private-use, unassigned and
 * default-ignorable characters (bidirectional and zero-width ones among them), lone surrogates, line separators, and
 * every space but the ordinary one.
 */
const UNPRINTABLE = /[\p{C}\p{Default_Ignorable_Code_Point}\p{Zl}\p{Zp}\u2800]|(?! )\p{Zs}/gu;

/**
 * Escapes text from outside for a terminal or a log. Each unprintable character becomes `\u` and four hex digits, which
 * means the same character in JSON.
 */
export function printable(text: string): string {
  return text.replace(UNPRINTABLE, (character) =>
    Array.from(
      { length: character.length },
      (_, index) => `\\u${character.charCodeAt(index).toString(16).padStart(4, '0')}`,
    ).join(''),
  );
}
