import js from '@eslint/js';
import regexp from 'eslint-plugin-regexp';
import tseslint from 'typescript-eslint';

/** The folders of src, from the top down. A file imports only from its own folder and the folders above. */
const LAYERS = [['scopes'], ['tokens'], ['capability', 'access-token'], ['endpoint', 'testing'], ['cli']];

const layerRules = LAYERS.slice(0, -1).flatMap((folders, layer) =>
  folders.map((folder) => {
    const below = LAYERS.slice(layer + 1).flat();
    const beside = folders.filter((other) => other !== folder);
    const forbidden = [...below, ...beside].map((other) => `../${other}/*`);
    return {
      files: [`src/${folder}/**`],
      rules: {
        'no-restricted-imports': [
          'error',
          { patterns: [{ group: forbidden, message: 'Import from the layers above.' }] },
        ],
      },
    };
  }),
);

const ENVIRONMENT = { object: 'process', property: 'env', message: 'Settings come from config.ts.' };
const TERMINAL = ['stdout', 'stderr', 'emitWarning'].map((property) => ({ object: 'process', property }));
const RANDOM = { object: 'Math', property: 'random', message: 'Use node:crypto.' };

const SECRET = '/^(authTokens?|.*secrets?|signature|mac|digest|.*[a-z]keys?|password)$/i';

/** Comparing a secret is open to timing attacks. A comparison with a constant or of a typeof reveals nothing. */
const COMPARED_SECRET = {
  selector:
    `BinaryExpression[operator=/^[!=]==?$/]:has(> Identifier[name=${SECRET}], > MemberExpression[property.name=${SECRET}])` +
    ':not(:has(> Literal, > UnaryExpression, > Identifier[name="undefined"]))',
  message: 'Compare secrets and signatures in constant time.',
};

export default tseslint.config(
  {
    ignores: [
      'dist/',
      'coverage/',
      '.stryker-tmp/',
      'reports/',
      'docs/',
      '.docs-*/',
      '__tests__/suites/package/consumers/',
    ],
  },
  js.configs.recommended,
  {
    files: ['**/*.ts'],
    extends: [tseslint.configs.strictTypeChecked],
    // The projects of `npm run typecheck`. Fewer programs than with the project service, so this takes less time.
    languageOptions: {
      parserOptions: {
        project: [
          'tsconfig.json',
          'src/browser/tsconfig.json',
          'examples/production/tsconfig.json',
          '__tests__/unit/browser/tsconfig.json',
        ],
      },
    },
    rules: {
      '@typescript-eslint/no-non-null-assertion': 'off',
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
    },
  },
  {
    files: ['__tests__/**/*.ts'],
    rules: {
      // Tests spread instances to inspect their properties.
      '@typescript-eslint/no-misused-spread': 'off',
      // `() => expect(token).toBe(…)` is a call like any other.
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
    },
  },
  // The scripts of the page run in a browser. tsc does not compile them, so their globals are not checked.
  { files: ['examples/**/public/**/*.js'], rules: { 'no-undef': 'off' } },
  // Regular expressions must run in linear time, since untrusted input can reach them.
  {
    files: ['src/**'],
    plugins: { regexp },
    rules: {
      'regexp/no-super-linear-backtracking': ['error', { report: 'potential' }],
      'regexp/no-super-linear-move': ['error', { report: 'potential' }],
    },
  },
  ...layerRules,
  // The files at the top of src do not depend on scopes or tokens.
  {
    files: ['src/{errors,nearest-word,plain-object,sid,limits,options,schemas,config}.ts'],
    rules: { 'no-restricted-imports': ['error', { patterns: [{ group: ['./*/*'] }] }] },
  },
  // The code of the page depends on nothing.
  {
    files: ['src/browser/**'],
    rules: { 'no-restricted-imports': ['error', { patterns: [{ regex: '^(?!\\./)' }] }] },
  },
  {
    files: ['src/**'],
    rules: { 'no-eval': 'error', 'no-new-func': 'error', 'no-restricted-syntax': ['error', COMPARED_SECRET] },
  },
  // Only the command uses a terminal, and only the waits of startDevice are random.
  {
    files: ['src/**'],
    ignores: ['src/{cli,browser}/**'],
    rules: { 'no-console': 'error', 'no-restricted-properties': ['error', ENVIRONMENT, ...TERMINAL, RANDOM] },
  },
  { files: ['src/config.ts'], rules: { 'no-restricted-properties': ['error', ...TERMINAL, RANDOM] } },
);
