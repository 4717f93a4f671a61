/**
 * Mutation testing of the core: `npm run mutation`. It takes tens of minutes, so it is no part of the main CI run.
 *
 * @type {import('@stryker-mutator/api/core').PartialStrykerOptions}
 */
export default {
  testRunner: 'jest',
  jest: { config: unitProject(), enableFindRelatedTests: true },
  coverageAnalysis: 'perTest',
  mutate: [
    'src/{capability,claims,client-name,config,config-rules,errors,jws,lifetime,options,params}.ts',
    'src/{scope-list,scope-uri,scopes,sid,signer,verifier}.ts',
  ],
  concurrency: 2,
  ignoreStatic: true,
  reporters: ['clear-text', 'progress'],
  thresholds: { high: 95, low: 90, break: 90 },
  tempDirName: '.stryker-tmp',
};

/** The unit tests of the core alone: those of the edges would only be run for nothing. */
function unitProject() {
  const names =
    'capability|claims|client-name|config|dialects|errors|jws|law|lifetime|options|params|robustness|rules|scope-list|' +
    'scope-uri|scopes|sid|signer|verifier|wycheproof';
  return {
    testEnvironment: 'node',
    testMatch: [`<rootDir>/__tests__/@(${names}).test.ts`],
    transform: {
      '\\.ts$': ['ts-jest', { diagnostics: false }],
      '/node_modules/jose/.+\\.js$': [
        'ts-jest',
        { diagnostics: false, tsconfig: { allowJs: true, module: 'commonjs', target: 'es2022' } },
      ],
    },
    transformIgnorePatterns: ['/node_modules/(?!jose/)'],
  };
}
