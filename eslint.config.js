import lit from 'eslint-plugin-lit';
import tseslint from 'typescript-eslint';

export default tseslint.config(
  { ignores: ['**/dist/**', 'models/**', 'test/fixtures/**', 'client/examples/**', '**/*.d.ts'] },
  ...tseslint.configs.recommended,
  {
    files: ['**/*.ts'],
    rules: {
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/no-non-null-assertion': 'off',
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', ignoreRestSiblings: true }],
      'no-restricted-exports': ['error', { restrictDefaultExports: { direct: true } }],
      eqeqeq: 'error',
      'prefer-const': 'error',
    },
  },
  { files: ['{server,client,shared}/src/**/*.ts'], rules: { 'max-params': ['error', 3] } },
  // Build tools ask for a default export.
  { files: ['**/*.config.{ts,js}'], rules: { 'no-restricted-exports': 'off' } },
  { files: ['client/src/**/*.ts'], ...lit.configs['flat/recommended'] },
);
