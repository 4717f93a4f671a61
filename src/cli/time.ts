const UNITS = [
  ['day', 86_400],
  ['hour', 3600],
  ['minute', 60],
  ['second', 1],
] as const;

/** A moment as text, in UTC: the same on every machine. */
export function utc(date: Date): string {
  return `${date.toISOString().slice(0, -5).replace('T', ' ')} UTC`;
}

/** How far a moment is from now, in the two largest units: `in 59 minutes 30 seconds`, `2 days ago`. */
export function fromNow(date: Date, now: number): string {
  const seconds = Math.floor(date.getTime() / 1000) - Math.floor(now / 1000);
  if (seconds === 0) return 'this very second';
  return seconds > 0 ? `in ${span(seconds)}` : `${span(-seconds)} ago`;
}

/** A number of seconds in words. */
export function span(seconds: number): string {
  let rest = seconds;
  const parts = UNITS.map(([unit, size]) => {
    const count = Math.floor(rest / size);
    rest -= count * size;
    return { count, text: `${count} ${unit}${count === 1 ? '' : 's'}` };
  });
  const first = parts.findIndex(({ count }) => count > 0);
  return parts
    .slice(first, first + 2)
    .filter(({ count }) => count > 0)
    .map(({ text }) => text)
    .join(' ');
}
