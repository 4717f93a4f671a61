import { describe, expect, jest, test } from '@jest/globals';
import { withDeadline, type Caller } from '../../src/endpoint/deadline';
import { thrown } from '../helpers/fixed';

/** A caller who leaves when told to, and who counts the listeners. */
function caller(): Caller & { leave: () => void; listeners: Set<() => void> } {
  const listeners = new Set<() => void>();
  return {
    listeners,
    isGone: () => false,
    onGone: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    leave: () => {
      for (const listener of listeners) listener();
    },
  };
}

describe('withDeadline', () => {
  test.each([
    ['at once', () => 1],
    ['later', () => Promise.resolve(1)],
  ])('gives the value of a task that is done %s, and leaves neither timer nor listener', async (_, task) => {
    jest.useFakeTimers({ doNotFake: ['nextTick', 'queueMicrotask'] });
    try {
      const someone = caller();
      expect(await withDeadline(task, 10, someone)).toEqual({ value: 1 });
      expect(someone.listeners.size).toBe(0);
      expect(jest.getTimerCount()).toBe(0);
    } finally {
      jest.useRealTimers();
    }
  });

  test('passes on what the task throws or rejects with, and leaves no listener', async () => {
    const error = new Error('no');
    const someone = caller();
    const throwing = (): never => {
      throw error;
    };
    expect(thrown(() => withDeadline(throwing, 10, someone))).toBe(error);
    await expect(withDeadline(() => Promise.reject(error), 10, someone)).rejects.toBe(error);
    expect(someone.listeners.size).toBe(0);
  });

  test('makes one signal, and only when it is asked for', async () => {
    const made = jest.spyOn(AbortController.prototype, 'signal', 'get');
    try {
      await withDeadline(() => Promise.resolve(1), 10, caller());
      expect(made).not.toHaveBeenCalled();
      const same = await withDeadline((context) => context.signal === context.signal, 10, caller());
      expect(same).toEqual({ value: true });
    } finally {
      made.mockRestore();
    }
  });

  test.each(['TimeoutError', 'AbortError'] as const)('ends by a %s, once', async (name) => {
    const someone = caller();
    const signals: AbortSignal[] = [];
    const waiting = withDeadline(
      ({ signal }) => {
        signals.push(signal);
        return new Promise(() => undefined);
      },
      10,
      someone,
    );
    if (name === 'AbortError') {
      someone.leave();
      expect(someone.listeners.size).toBe(0);
    }
    const { reason } = (await waiting) as { reason: DOMException };
    someone.leave();
    expect(reason).toBeInstanceOf(DOMException);
    expect(reason.name).toBe(name);
    expect(signals[0]!.reason).toBe(reason);
    expect(someone.listeners.size).toBe(0);
  });
});
