/**
 * Mutation testing of the core: `npm run mutation`. It takes half an hour, so CI does not run it.
 *
 * @type {import('@stryker-mutator/api/core').PartialStrykerOptions}
 */
export default {
  testRunner: 'jest',
  jest: { config: mutationSuite(), enableFindRelatedTests: false },
  coverageAnalysis: 'perTest',
  mutate: [
    'src/{config,errors,limits,nearest-word,options,plain-object,schemas,sid}.ts',
    'src/{scopes,tokens,capability}/*.ts',
  ],
  concurrency: 2,
  ignoreStatic: true,
  reporters: ['clear-text', 'progress', 'json'],
  thresholds: { high: 98, low: 95, break: 95 },
  tempDirName: '.stryker-tmp',
};

/** Replaces jest.config.ts: each of its projects would run all of the tests again. */
function mutationSuite() {
  return {
    projects: [],
    testEnvironment: 'node',
    testMatch: ['<rootDir>/__tests__/unit/mutation.ts'],
    transform: { '\\.ts$': ['ts-jest', { diagnostics: false }] },
  };
}
