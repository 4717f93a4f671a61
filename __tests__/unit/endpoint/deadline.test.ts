import { afterEach, beforeEach, expect, jest, test } from '@jest/globals';
import { Deadline } from '../../../src/endpoint/deadline';

beforeEach(() => {
  jest.useFakeTimers({ doNotFake: ['nextTick', 'queueMicrotask'] });
});
afterEach(() => {
  jest.useRealTimers();
});

const listeners = new Set<() => void>();
const client = {
  isGone: () => false,
  onGone(listener: () => void) {
    listeners.add(listener);
    return () => listeners.delete(listener);
  },
};

test('a client that leaves before the wait ends it, and aborts a signal that is read later', async () => {
  const deadline = new Deadline(10, client);
  for (const leave of listeners) leave();
  const { reason, signal } = deadline;
  expect(reason).toMatchObject({ name: 'AbortError', message: 'The client disconnected.' });
  await expect(deadline.wait(Promise.resolve('token'))).rejects.toBe(reason);
  expect([signal.aborted, signal.reason]).toEqual([true, reason]);
  expect([jest.getTimerCount(), listeners.size]).toEqual([0, 0]);
});

test('a deadline that is cleared leaves no timer and no listener', async () => {
  const deadline = new Deadline(10, client);
  expect(await deadline.wait(Promise.resolve('token'))).toBe('token');
  deadline.clear();
  expect([jest.getTimerCount(), listeners.size]).toEqual([0, 0]);
  expect([deadline.reason, deadline.signal.aborted]).toEqual([undefined, false]);
});
