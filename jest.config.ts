import type { Config } from 'jest';

/** Suites that check more than one file of src. Each is a jest project, and has an npm script. */
const SUITES = ['interop', 'package', 'browser', 'runtimes', 'docs'];

const shared = {
  testEnvironment: 'node',
  transform: {
    '\\.ts$': ['ts-jest', { diagnostics: false }],
    // jose is published only as ES modules, which jest cannot require.
    '/node_modules/jose/.+\\.js$': [
      'ts-jest',
      { diagnostics: false, tsconfig: { allowJs: true, module: 'commonjs', target: 'es2022' } },
    ],
  },
  transformIgnorePatterns: ['/node_modules/(?!jose/)'],
} satisfies Config;

const config: Config = {
  projects: [
    { ...shared, displayName: 'unit', testMatch: ['<rootDir>/__tests__/unit/**/*.test.ts'] },
    ...SUITES.map((name) => ({
      ...shared,
      displayName: name,
      testMatch: [`<rootDir>/__tests__/suites/${name}/*.test.ts`],
    })),
  ],
  testTimeout: 60_000,
  collectCoverageFrom: ['src/**/*.ts'],
  coverageReporters: ['text-summary'],
  coverageThreshold: { global: { lines: 98, branches: 98 } },
};

export default config;
