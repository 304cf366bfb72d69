import { execFile, spawn } from 'node:child_process';
import { cp, mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const START_MS = 60_000;

const run = promisify(execFile);

/** The packages as they would be published, as files by their names. */
export async function packAll(folder: string): Promise<Readonly<Record<string, string>>> {
  const packed = await Promise.all(
    ['shared', 'client'].map(async (name) => {
      const args = ['pack', '--ignore-scripts', '--json', '--pack-destination', folder];
      const { stdout } = await run('npm', args, { cwd: join(ROOT, name) });
      const [{ filename }] = JSON.parse(stdout) as [{ filename: string }];
      return [`@underpaint/${name}`, `file:${join(folder, filename)}`] as const;
    }),
  );
  return Object.fromEntries(packed);
}

/** Copies a project, installs the packed packages and its own, and builds it. A project without dependencies is only copied. */
export async function buildProject(name: string, packages: Readonly<Record<string, string>>): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), `underpaint-embed-${name}-`));
  await cp(join(ROOT, 'test/embed/projects', name), folder, { recursive: true });
  const file = join(folder, 'package.json');
  const text = await readFile(file, 'utf8').catch(() => null);
  if (text === null) return folder;
  const project = JSON.parse(text) as { dependencies: object };
  // The client asks for `shared` by its version, which is in no registry.
  await writeFile(
    file,
    JSON.stringify({ ...project, dependencies: { ...project.dependencies, ...packages }, overrides: packages }),
  );
  await run('npm', ['install', '--no-package-lock', '--no-audit', '--no-fund', '--prefer-offline'], { cwd: folder });
  const { stdout } = await run('npm', ['ls', '--depth', '0'], { cwd: folder });
  console.log(stdout.replaceAll(/ overridden|-> .*/g, ''));
  await run('npm', ['run', 'build'], {
    cwd: folder,
    env: { ...process.env, CI: 'true', NEXT_TELEMETRY_DISABLED: '1' },
  });
  return folder;
}

export interface StartedProject {
  readonly origin: string;
  stop(): void;
}

/** Runs a project's own server and waits until it answers. */
export async function startProject(folder: string): Promise<StartedProject> {
  const port = await freePort();
  const env = { ...process.env, PORT: String(port), HOST: '127.0.0.1', HOSTNAME: '127.0.0.1' };
  const child = spawn('npm', ['run', 'start'], { cwd: folder, env, detached: true, stdio: 'ignore' });
  const origin = `http://127.0.0.1:${port}`;
  const until = Date.now() + START_MS;
  while (!(await answers(origin))) {
    if (Date.now() > until) throw new Error(`${folder} does not answer at ${origin}`);
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  // npm starts a shell, and that the server: the whole group ends.
  return { origin, stop: () => void process.kill(-child.pid!, 'SIGTERM') };
}

async function answers(origin: string): Promise<boolean> {
  return fetch(origin).then(
    ({ ok }) => ok,
    () => false,
  );
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
