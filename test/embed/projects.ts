/** How a built project is shown. */
interface Shown {
  /** A folder of files, served as they are; `start` runs the project's own server on a port. */
  readonly by: 'files' | 'start';
  /** Below the project. */
  readonly folder?: string;
}

/** The projects that are driven in a browser, with what the table in client/README.md calls them. */
export const PROJECTS: Readonly<Record<string, Shown & { readonly title: string }>> = {
  vite: { title: 'Vite', by: 'files', folder: 'dist' },
  webpack: { title: 'webpack', by: 'files', folder: 'dist' },
  esbuild: { title: 'esbuild', by: 'files', folder: 'dist' },
  react18: { title: 'React 18', by: 'files', folder: 'dist' },
  react19: { title: 'React 19', by: 'files', folder: 'dist' },
  vue: { title: 'Vue', by: 'files', folder: 'dist' },
  next: { title: 'Next, app router', by: 'start' },
  sveltekit: { title: 'SvelteKit', by: 'start' },
  plain: { title: 'plain HTML, strict policy', by: 'files', folder: '.' },
  frame: { title: 'sandboxed frame', by: 'files', folder: '.' },
};

/** Projects whose build checks types, without and with JSX, with the oldest TypeScript that the framework's tools take. */
export const TYPE_PROJECTS = [
  'types',
  'types-react18',
  'types-react19',
  'types-preact',
  'types-solid',
  'types-vue',
  'types-svelte',
] as const;
