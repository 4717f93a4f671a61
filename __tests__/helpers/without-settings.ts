import { afterEach, beforeEach } from '@jest/globals';
import { configure } from '../../src';

/** For the tests of a block: no environment, and nothing configured. */
export function withoutSettings(): void {
  const environment = process.env;
  beforeEach(() => {
    process.env = {};
    configure({});
  });
  afterEach(() => {
    process.env = environment;
    configure({});
  });
}
