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

/** Vite wraps every `import()` to preload style sheets. Ours have none. */
const plainImports: Plugin = {
  name: 'plain-imports',
  enforce: 'pre',
  load: (id) => (id.includes('vite/preload-helper') ? 'export const __vitePreload = (load) => load();' : null),
};

interface ModuleGraph {
  getModuleInfo(id: string): { readonly importedIds: readonly string[] } | null;
}

/**
 * The first script is in one file, and everything else that the studio needs at once in another: fewer files compress better.
 * Vite's own helper is imported by both.
 */
function firstChunks(id: string, graph: ModuleGraph): string | null {
  if (id.includes('preload-helper') || neededBy(at('src/app/early.ts'), graph).has(id)) return 'early';
  return neededBy(at('src/app/studio-page.ts'), graph).has(id) ? 'studio' : null;
}

function neededBy(id: string, graph: ModuleGraph, found = new Set<string>()): ReadonlySet<string> {
  if (found.has(id)) return found;
  found.add(id);
  for (const imported of graph.getModuleInfo(id)?.importedIds ?? []) neededBy(imported, graph, found);
  return found;
}

/** The page begins to load the studio together with its first script, instead of after it. */
const preloadStudio: Plugin = {
  name: 'preload-studio',
  transformIndexHtml: {
    order: 'post',
    handler: (_html, { bundle = {}, path }) => {
      if (!path.endsWith('/index.html')) return [];
      const files = Object.values(bundle).filter((file) => file.type === 'chunk');
      const withImports = (name: string): string[] => {
        const { imports = [] } = files.find(({ fileName }) => fileName === name) ?? {};
        return [name, ...imports.flatMap(withImports)];
      };
      const studio = files.find(({ name }) => name === 'studio')!;
      // The first script imports the last of them, so that one is not of low priority.
      return [...new Set(withImports(studio.fileName))].map((file) => ({
        tag: 'link',
        attrs: {
          rel: 'modulepreload',
          crossorigin: true,
          href: `./${file}`,
          ...(file.includes('early') ? {} : { fetchpriority: 'low' }),
        },
        injectTo: 'head' as const,
      }));
    },
  },
};

/**
 * `vite build` makes the page that the server delivers. `--mode bundle` makes the single file for a script tag on any site,
 * and the files that it loads when they are needed.
 */
export default defineConfig(({ mode }) => ({
  root: at('src/app'),
  base: './',
  resolve: { alias },
  plugins: [slimTemplates, plainImports, preloadStudio],
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
          // `preloadStudio` does it for the first files; the others have few parts.
          modulePreload: false,
          assetsInlineLimit: 0,
          rolldownOptions: {
            input: [at('src/app/index.html'), at('src/app/embed.html')],
            output: { codeSplitting: { includeDependenciesRecursively: false, groups: [{ name: firstChunks }] } },
          },
        },
}));
