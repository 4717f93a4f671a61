/** Bundles worker.mjs as Cloudflare's own bundler does. */
import { builtinModules } from 'node:module';
import { build } from 'esbuild';

/** An ES module has no `require`, so a `require` of a built-in module becomes an import. */
const builtins = {
  name: 'builtins',
  setup(bundler) {
    const names = builtinModules.filter((name) => !name.startsWith('_')).join('|');
    bundler.onResolve({ filter: new RegExp(`^(?:node:)?(?:${names})$`) }, ({ kind, path }) => {
      const name = `node:${path.replace(/^node:/, '')}`;
      return kind === 'require-call' ? { path: name, namespace: 'builtin' } : { path: name, external: true };
    });
    bundler.onLoad({ filter: /^/, namespace: 'builtin' }, ({ path }) => ({
      contents: `import value from ${JSON.stringify(path)}; module.exports = value;`,
    }));
  },
};

await build({
  entryPoints: ['worker.mjs'],
  outfile: 'bundle.mjs',
  bundle: true,
  format: 'esm',
  target: 'es2024',
  conditions: ['workerd', 'worker'],
  plugins: [builtins],
});
