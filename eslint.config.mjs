import js from '@eslint/js';
import tseslint from 'typescript-eslint';

export default tseslint.config(
  { ignores: ['dist/', 'coverage/', '.stryker-tmp/', 'reports/', 'docs/', '__tests__/package/'] },
  js.configs.recommended,
  {
    files: ['**/*.ts', '**/*.mts'],
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
  { files: ['src/**'], ignores: ['src/cli.ts', 'src/cli/**'], rules: { 'no-console': 'error' } },
);
