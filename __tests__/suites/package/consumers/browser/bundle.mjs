/* global process, setTimeout */
// Bundles page.js with each bundler, and runs the bundles with the few globals of a page that they need.
import { promisify } from 'node:util';
import { gzipSync } from 'node:zlib';
import { build as esbuild } from 'esbuild';
import { build as vite } from 'vite';
import webpack from 'webpack';

const outDir = `${import.meta.dirname}/out`;

await esbuild({ entryPoints: ['page.js'], bundle: true, format: 'esm', outfile: 'out/esbuild.mjs' });
await promisify(webpack)({
  mode: 'production',
  entry: './page.js',
  output: { path: outDir, filename: 'webpack.mjs' },
});
await vite({
  logLevel: 'error',
  build: {
    outDir,
    emptyOutDir: false,
    lib: { entry: 'page.js', formats: ['es'], fileName: () => 'vite.mjs' },
  },
});

globalThis.window = new EventTarget();
globalThis.document = new EventTarget();
globalThis.fetch = async (url, { method }) =>
  new Response(JSON.stringify({ token: `${method} ${url}`, ttl: 60 }), {});
const titles = {};
for (const name of ['esbuild', 'webpack', 'vite']) {
  document.title = '';
  await import(`./out/${name}.mjs`);
  while (document.title === '') await new Promise((resolve) => setTimeout(resolve, 10));
  titles[name] = document.title;
}

const {
  outputFiles: [{ contents }],
} = await esbuild({
  stdin: { contents: "export * from 'twilio-capability/browser'", resolveDir: import.meta.dirname },
  bundle: true,
  minify: true,
  format: 'esm',
  write: false,
});
process.stdout.write(JSON.stringify({ titles, size: gzipSync(contents).length }));
