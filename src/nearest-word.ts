/** Returns the known word nearest to a mistyped one: at most two edits away, and at most half of the mistyped word's letters. */
export function nearestWord(word: string, known: readonly string[]): string | undefined {
  const limit = Math.min(2, word.length / 2);
  const distances = known.map((candidate) => editDistance(word, candidate));
  const smallest = Math.min(...distances);
  return smallest <= limit ? known[distances.indexOf(smallest)] : undefined;
}

/** Computes the Levenshtein distance, ignoring case. */
function editDistance(from: string, to: string): number {
  // Known words are short, so 40 characters of a very long key are enough to compare.
  const a = from.slice(0, 40).toLowerCase();
  const b = to.toLowerCase();
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const substitution = row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(substitution, row[j]! + 1, next[j - 1]! + 1));
    }
    row = next;
  }
  return row[b.length]!;
}
