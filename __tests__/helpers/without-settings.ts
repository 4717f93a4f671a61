import { afterEach, beforeEach } from '@jest/globals';
import { configure } from '../../src';

/** Clears the environment and the configured defaults for the tests of a block. */
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
