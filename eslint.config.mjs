import js from '@eslint/js';
import regexp from 'eslint-plugin-regexp';
import tseslint from 'typescript-eslint';

export default tseslint.config(
  { ignores: ['dist/', 'coverage/', '.stryker-tmp/', 'reports/', 'docs/', '__tests__/package/consumers/'] },
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
  { files: ['src/**'], ignores: ['src/cli/**'], rules: { 'no-console': 'error' } },
);
