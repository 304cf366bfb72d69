/* `StreamClient` alone, by three bundlers. */
import * as esbuild from 'esbuild';
import { build as vite } from 'vite';
import webpack from 'webpack';

const out = new URL('dist/', import.meta.url).pathname;
await esbuild.build({
  entryPoints: ['main.js'],
  bundle: true,
  minify: true,
  format: 'esm',
  outfile: `${out}esbuild.js`,
});
const rolldownOptions = { input: 'main.js', output: { entryFileNames: 'vite.js' } };
await vite({ logLevel: 'error', build: { outDir: out, emptyOutDir: false, rolldownOptions } });
await new Promise((resolve, reject) => {
  const output = { path: out, filename: 'webpack.js' };
  webpack({ mode: 'production', entry: './main.js', output }, (error, stats) =>
    error || stats.hasErrors() ? reject(error ?? new Error(stats.toString())) : resolve(),
  );
});
