import { copyFileSync } from 'node:fs';
import webpack from 'webpack';

const options = { mode: 'production', entry: './main.js', output: { path: new URL('dist', import.meta.url).pathname } };
webpack(options, (error, stats) => {
  if (error || stats.hasErrors() || stats.hasWarnings()) throw error ?? new Error(stats.toString());
  copyFileSync('index.html', 'dist/index.html');
});
