import eslint from '@eslint/js'
import { defineConfig, globalIgnores } from 'eslint/config'
import { createNodeResolver, importX } from 'eslint-plugin-import-x'
import jsdoc from 'eslint-plugin-jsdoc'
import tseslint from 'typescript-eslint'

/** From the top of the house to its foundation. A room may import the rooms after it and none before it. */
const ROOMS = [
  'index.ts',
  'cli',
  'firmware',
  'idf',
  'trace',
  'native',
  'interop',
  'driver',
  'chip',
  'etm',
  'rtos',
  'engine',
  'diagnostics',
  'soc',
  'microcode',
  'platform',
  'targets',
  'errors.ts',
]

/** Rooms side by side: what lies below them in the list but is none of their business. */
const STRANGERS = new Map([
  ['index.ts', ['cli']],
  ['microcode', ['platform', 'targets', 'errors.ts']],
  ['platform', ['targets']],
])

const below = ROOMS.map((room, at) => {
  const strangers = STRANGERS.get(room) ?? []
  const allowed = ROOMS.slice(at).filter((other) => !strangers.includes(other))
  return {
    target: `./src/${room}`,
    from: './src',
    except: allowed.map((other) => `./${other}`),
    message: `src/${room} may import only what lies below it: ${allowed.slice(1).join(', ') || 'nothing'}.`,
  }
})

const outside = {
  target: './src/**/!(*.test).ts',
  from: ['./test', './examples', './scripts', './verify'],
  message: 'The library does not import what is written around it.',
}

/** The benchmark is one of the commands; nothing else knows of it. */
const benchmark = {
  target: ['./src/*.ts', './src/!(cli)/**/*.ts'],
  from: './bench',
  message: 'Only the command imports the benchmark.',
}

/** What needs a doc comment: whatever a module exports, and of that every member one can reach. */
const DOCUMENTED = [
  'ExportNamedDeclaration > ClassDeclaration',
  'ExportNamedDeclaration > FunctionDeclaration',
  'ExportNamedDeclaration > TSInterfaceDeclaration',
  'ExportNamedDeclaration > TSTypeAliasDeclaration',
  'ExportNamedDeclaration[declaration.type="VariableDeclaration"]',
  'ExportNamedDeclaration > TSInterfaceDeclaration > TSInterfaceBody > TSPropertySignature',
  'ExportNamedDeclaration > TSInterfaceDeclaration > TSInterfaceBody > TSMethodSignature',
  'ExportNamedDeclaration > TSTypeAliasDeclaration > TSTypeLiteral > TSPropertySignature',
  'ExportNamedDeclaration > TSTypeAliasDeclaration > TSTypeLiteral > TSMethodSignature',
  // Not private ones, not constructors (the class says it), not what an interface or base class has said already.
  ...['PropertyDefinition', 'MethodDefinition[kind=/^(method|get)$/]'].map(
    (member) =>
      `ExportNamedDeclaration > ClassDeclaration > ClassBody > ${member}` +
      ':not([key.type="PrivateIdentifier"]):not([accessibility="private"]):not([override=true])',
  ),
]

export default defineConfig(
  globalIgnores(['dist/', 'web/dist/', 'coverage/', 'src/microcode/assembly/', '**/*.generated.ts']),

  eslint.configs.recommended,
  {
    plugins: { 'import-x': importX },
    settings: { 'import-x/resolver-next': [createNodeResolver()] },
    linterOptions: { reportUnusedDisableDirectives: 'error' },
    rules: {
      eqeqeq: 'error',
      'no-console': 'off',
      'import-x/no-default-export': 'error',
      'import-x/no-duplicates': ['error', { 'prefer-inline': true }],
      'import-x/order': ['error', { 'newlines-between': 'always', alphabetize: { order: 'asc' } }],
    },
  },

  {
    files: ['**/*.ts'],
    extends: [tseslint.configs.strictTypeChecked, tseslint.configs.stylisticTypeChecked],
    languageOptions: {
      parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname },
    },
    settings: {
      'import-x/extensions': ['.ts', '.js'],
      'import-x/external-module-folders': ['node_modules'],
      'import-x/parsers': { '@typescript-eslint/parser': ['.ts'] },
    },
    rules: {
      'import-x/no-cycle': ['error', { ignoreExternal: true }],
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/no-non-null-assertion': 'error',
      // isolatedDeclarations asks for the types that this rule finds superfluous.
      '@typescript-eslint/no-inferrable-types': 'off',
      '@typescript-eslint/consistent-type-imports': ['error', { fixStyle: 'inline-type-imports' }],
      '@typescript-eslint/consistent-type-exports': ['error', { fixMixedExportsWithInlineTypeSpecifier: true }],
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true, allowBoolean: true }],
    },
  },

  {
    files: ['src/**/*.ts'],
    rules: { 'import-x/no-restricted-paths': ['error', { zones: [...below, outside, benchmark] }] },
  },

  {
    files: ['src/**/*.ts'],
    ignores: ['**/*.test.ts'],
    extends: [/** @type {import('eslint').Linter.Config} */ (jsdoc.configs['flat/recommended-tsdoc-error'])],
    rules: {
      'jsdoc/require-jsdoc': [
        'error',
        {
          contexts: DOCUMENTED,
          enableFixer: false,
          checkConstructors: false,
          require: { FunctionDeclaration: false },
        },
      ],
      'jsdoc/require-description': ['error', { contexts: DOCUMENTED }],
      // A sentence that says it all needs no list of tags after it; a tag that is there must be right and say something.
      'jsdoc/require-param': 'off',
      'jsdoc/require-returns': 'off',
      'jsdoc/require-yields': 'off',
      'jsdoc/require-throws-type': 'off',
      'jsdoc/tag-lines': ['error', 'any', { startLines: null }],
    },
  },

  // A layout is a table: one remark may stand over several words.
  { files: ['src/**/*layout.ts'], rules: { 'jsdoc/require-jsdoc': 'off' } },

  {
    files: ['**/*.test.ts', 'test/**/*.ts'],
    rules: {
      '@typescript-eslint/no-empty-function': 'off',
      '@typescript-eslint/unbound-method': 'off',
    },
  },

  { files: ['*.config.{ts,js}', 'web/*.config.ts', '.size-limit.js'], rules: { 'import-x/no-default-export': 'off' } },

  {
    files: ['**/*.{js,mjs}'],
    languageOptions: {
      globals: Object.fromEntries(
        ['console', 'process', 'Buffer', 'URL', 'WebAssembly', 'performance', 'setTimeout', 'clearTimeout'].map(
          (name) => [name, 'readonly'],
        ),
      ),
    },
  },

  // The page imports the package as others do.
  { files: ['web/**/*.ts'], settings: { 'import-x/core-modules': ['async-memcpy', 'async-memcpy/trace'] } },

  // What runs in pages and in their threads.
  {
    files: ['test/runtimes/*.js'],
    languageOptions: {
      globals: Object.fromEntries(
        [
          'AbortController',
          'MessageChannel',
          'Response',
          'Worker',
          'addEventListener',
          'crossOriginIsolated',
          'location',
          'postMessage',
        ].map((name) => [name, 'readonly']),
      ),
    },
  },
)
