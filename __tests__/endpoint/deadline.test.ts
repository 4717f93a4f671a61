import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { Deadline, type Client } from '../../src/endpoint/deadline';

/** A client that disconnects on command and counts its listeners. */
class TestClient implements Client {
  readonly listeners = new Set<() => void>();
  isGone = (): boolean => false;
  onGone(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }
  leave(): void {
    for (const listener of this.listeners) listener();
  }
}

let client: TestClient;
beforeEach(() => {
  jest.useFakeTimers({ doNotFake: ['nextTick', 'queueMicrotask'] });
  client = new TestClient();
});
afterEach(() => {
  // No test may leave a listener or timer behind.
  expect([jest.getTimerCount(), client.listeners.size]).toEqual([0, 0]);
  jest.useRealTimers();
});

describe('Deadline', () => {
  test('rejects when time is up', async () => {
    const deadline = new Deadline(10, client);
    const { signal } = deadline;
    jest.advanceTimersByTime(9);
    expect([deadline.isOver, signal.aborted]).toEqual([false, false]);
    jest.advanceTimersByTime(1);
    expect([deadline.isOver, signal.aborted]).toEqual([true, true]);
    expect(signal.reason).toBe(deadline.reason);
    await expect(deadline.over).rejects.toMatchObject({
      name: 'TimeoutError',
      message: 'The token was not issued within 10 ms.',
    });
  });

  test('rejects when the client disconnects', async () => {
    const deadline = new Deadline(10, client);
    client.leave();
    await expect(deadline.over).rejects.toMatchObject({
      name: 'AbortError',
      message: 'The client disconnected.',
    });
  });

  test('has an aborted signal if first read after the end', () => {
    const deadline = new Deadline(10, client);
    client.leave();
    expect(deadline.signal.aborted).toBe(true);
    expect(deadline.signal.reason).toBe(deadline.reason);
  });

  test('does nothing after it is cleared', () => {
    const deadline = new Deadline(10, client);
    deadline.clear();
    jest.advanceTimersByTime(100);
    expect([deadline.isOver, deadline.signal.aborted]).toEqual([false, false]);
  });
});
