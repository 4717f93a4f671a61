import type { Fields } from './fields';

/** A call as the Voice URL saw it. */
export interface RecentCall {
  readonly request: Fields;
  /** The TwiML that it answered. */
  readonly twiml: string;
}

/** The latest calls of this process, for the page of the caller. */
export interface RecentCalls {
  add(call: RecentCall): void;
  latest(from: string): RecentCall | undefined;
}

const MAX_CALLS = 100;

export function createRecentCalls(): RecentCalls {
  const calls: RecentCall[] = [];
  return {
    add(call) {
      calls.push(call);
      if (calls.length > MAX_CALLS) calls.shift();
    },
    latest: (from) => calls.findLast(({ request }) => request['From'] === from),
  };
}
