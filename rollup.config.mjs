import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';

const ZOD = JSON.parse(readFileSync('node_modules/zod/package.json', 'utf8'));
const ZOD_BANNER = `// Contains parts of zod ${ZOD.version}. See THIRD-PARTY-LICENSES.`;

const { config } = ts.readConfigFile('tsconfig.json', ts.sys.readFile);
const { options } = ts.convertCompilerOptionsFromJson({ ...config.compilerOptions, module: 'preserve' }, '.');

/** Compiles TypeScript and JSON, and resolves imports. `tsc` checks the types and writes the declarations. */
const typescript = {
  name: 'typescript',
  resolveId(source, importer) {
    if (source.startsWith('zod/')) return fileURLToPath(import.meta.resolve(source));
    if (!importer?.endsWith('.ts')) return null;
    return ts.resolveModuleName(source, importer, options, ts.sys).resolvedModule?.resolvedFileName;
  },
  transform(code, id) {
    if (id.endsWith('.json')) return `export default ${code}`;
    if (!id.endsWith('.ts')) return null;
    return ts.transpileModule(code, { compilerOptions: options }).outputText;
  },
};

/** Types for the ES module in `dist/browser`. */
const moduleDeclaration = {
  name: 'module-declaration',
  generateBundle() {
    this.emitFile({ type: 'asset', fileName: 'index.d.mts', source: "export * from './index.js';\n" });
  },
};

/** Zod contains circular imports, and comments in places where rollup removes them. Other warnings fail the build. */
function onLog(level, log, handler) {
  const files = [log.id, ...(log.ids ?? [])].filter((file) => file !== undefined);
  if (files.length > 0 && files.every((file) => file.includes('/node_modules/zod/'))) return;
  handler(level === 'warn' ? 'error' : level, log);
}

const commonJs = {
  format: 'cjs',
  interop: 'default',
  esModule: true,
  generatedCode: { constBindings: true },
  hoistTransitiveImports: false,
};

export default [
  {
    input: {
      index: 'src/index.ts',
      'endpoint/express': 'src/endpoint/express.ts',
      'endpoint/web': 'src/endpoint/web.ts',
      'testing/index': 'src/testing/index.ts',
      'testing/jest': 'src/testing/jest.ts',
      'testing/vitest': 'src/testing/vitest.ts',
      'cli/main': 'src/cli/main.ts',
    },
    external: [/^node:/, 'jsonwebtoken'],
    plugins: [typescript],
    onLog,
    output: {
      ...commonJs,
      dir: 'dist',
      // One chunk for everything that the main entry exports, zod included.
      manualChunks: (id) => (/\/src\/(?:endpoint|testing|cli)\//.test(id) ? undefined : 'core'),
      chunkFileNames: '[name].js',
      banner: ({ name }) => (name === 'core' ? ZOD_BANNER : ''),
    },
  },
  {
    input: 'src/browser/index.ts',
    plugins: [typescript],
    onLog,
    output: [
      { ...commonJs, file: 'dist/browser/index.js' },
      { format: 'es', file: 'dist/browser/index.mjs', plugins: [moduleDeclaration] },
    ],
  },
];
