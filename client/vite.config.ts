import { fileURLToPath } from 'node:url';
import { defineConfig, type Plugin } from 'vite';

const at = (path: string) => fileURLToPath(new URL(path, import.meta.url));

/** The bundle is made of the sources. */
export const alias = {
  '@underpaint/shared': at('../shared/src/index.ts'),
};

/**
 * Templates and style sheets are text to the minifier. Takes the indents out of them, and the comments of style sheets. All
 * lines stay where they are, so source maps hold as they are.
 */
const slimTemplates: Plugin = {
  name: 'slim-templates',
  transform: (code, id) => {
    if (!id.includes('/src/components/')) return null;
    const text = code.replace(/\n[ \t]+/g, '\n');
    return { code: id.endsWith('.styles.ts') ? slimStyles(text) : text, map: null };
  },
};

function slimStyles(text: string): string {
  return text
    .replace(/\/\*[^]*?\*\//g, (comment) => comment.replace(/[^\n]/g, ''))
    .replace(/([:;{,])[ \t]+/g, '$1')
    .replace(/[ \t]+\{/g, '{');
}

/**
 * `vite build` makes the page that the server delivers. `--mode bundle` makes the single file for a script tag on any site,
 * and the files that it loads when they are needed.
 */
export default defineConfig(({ mode }) => ({
  root: at('src/app'),
  base: './',
  resolve: { alias },
  plugins: [slimTemplates],
  server: { proxy: { '/ws': { target: 'ws://127.0.0.1:8080', ws: true }, '/ideas': 'http://127.0.0.1:8080' } },
  build:
    mode === 'bundle'
      ? {
          target: 'es2022',
          outDir: at('dist'),
          emptyOutDir: false,
          copyPublicDir: false,
          sourcemap: true,
          lib: { entry: at('src/bundle.ts'), formats: ['es'], fileName: () => 'underpaint.js' },
          rolldownOptions: {
            preserveEntrySignatures: 'allow-extension',
            output: { chunkFileNames: ({ name }) => `underpaint-${name.replaceAll('.', '-')}.js`, minify: true },
          },
        }
      : {
          target: 'es2022',
          outDir: at('dist/app'),
          emptyOutDir: true,
          modulePreload: { polyfill: false },
          assetsInlineLimit: 0,
          rolldownOptions: { input: [at('src/app/index.html'), at('src/app/embed.html')] },
        },
}));
