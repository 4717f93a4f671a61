import js from '@eslint/js';
import regexp from 'eslint-plugin-regexp';
import tseslint from 'typescript-eslint';

/** The folders of src, from the top down. A file imports only from its own folder and from those above. */
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

export default tseslint.config(
  {
    ignores: [
      'dist/',
      'coverage/',
      '.stryker-tmp/',
      'reports/',
      'docs/',
      '.docs-*/',
      '__tests__/package/consumers/',
    ],
  },
  js.configs.recommended,
  {
    files: ['**/*.ts'],
    extends: [tseslint.configs.strictTypeChecked],
    languageOptions: { parserOptions: { projectService: true } },
    rules: {
      '@typescript-eslint/no-non-null-assertion': 'off',
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
    },
  },
  // A test looks at what an instance is made of.
  { files: ['__tests__/**'], rules: { '@typescript-eslint/no-misused-spread': 'off' } },
  // The page's own script runs in a browser; tsc does not read it, so its globals are not checked.
  { files: ['examples/**/public/**/*.js'], rules: { 'no-undef': 'off' } },
  // Every expression takes time in proportion to its text. A text can come from anybody.
  {
    files: ['src/**'],
    plugins: { regexp },
    rules: {
      'regexp/no-super-linear-backtracking': ['error', { report: 'potential' }],
      'regexp/no-super-linear-move': ['error', { report: 'potential' }],
    },
  },
  ...layerRules,
  // The files at the top of src: errors, settings and SIDs know nothing of scopes or tokens.
  {
    files: ['src/{errors,sid,settings,config,zod}.ts'],
    rules: { 'no-restricted-imports': ['error', { patterns: [{ group: ['./*/*', '!./zod'] }] }] },
  },
  { files: ['src/**'], ignores: ['src/cli/**'], rules: { 'no-console': 'error' } },
);
