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

const never = new Promise<never>(() => undefined);

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
    const waiting = deadline.wait(never);
    jest.advanceTimersByTime(9);
    expect([deadline.reason, signal.aborted]).toEqual([undefined, false]);
    jest.advanceTimersByTime(1);
    expect(signal.aborted).toBe(true);
    expect(signal.reason).toBe(deadline.reason);
    await expect(waiting).rejects.toMatchObject({
      name: 'TimeoutError',
      message: 'The token was not issued within 10 ms.',
    });
  });

  test('rejects when the client disconnects', async () => {
    const deadline = new Deadline(10, client);
    const waiting = deadline.wait(never);
    client.leave();
    await expect(waiting).rejects.toMatchObject({
      name: 'AbortError',
      message: 'The client disconnected.',
    });
  });

  test('rejects if the client disconnected before the wait', async () => {
    const deadline = new Deadline(10, client);
    client.leave();
    await expect(deadline.wait(Promise.resolve('token'))).rejects.toBe(deadline.reason);
  });

  test('settles as the promise does', async () => {
    const deadline = new Deadline(10, client);
    const broken = new Error('broken');
    expect(await deadline.wait(Promise.resolve('token'))).toBe('token');
    await expect(deadline.wait(Promise.reject(broken))).rejects.toBe(broken);
    deadline.clear();
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
    expect([deadline.reason, deadline.signal.aborted]).toEqual([undefined, false]);
  });
});
