import type { Config } from 'jest';

/** Suites that are slow or need more than the npm packages. Each has its own project and npm script. */
const OWN_PROJECT = ['package', 'browser', 'load', 'runtimes', 'fuzz', 'docs'];

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
    {
      ...shared,
      displayName: 'unit',
      testMatch: ['<rootDir>/__tests__/**/*.test.ts'],
      testPathIgnorePatterns: OWN_PROJECT.map((name) => `/__tests__/${name}/`),
    },
    ...OWN_PROJECT.map((name) => ({
      ...shared,
      displayName: name,
      testMatch: [`<rootDir>/__tests__/${name}/*.test.ts`],
    })),
  ],
  testTimeout: 60_000,
  collectCoverageFrom: ['src/**/*.ts'],
  coverageReporters: ['text-summary'],
  coverageThreshold: { global: { lines: 98, branches: 98 } },
};

export default config;
