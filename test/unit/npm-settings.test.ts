import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { HttpProxy } from '../helpers/http-proxy.js';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

interface Manifest {
  readonly allowScripts: Readonly<Record<string, boolean>>;
}
interface Lock {
  readonly packages: Readonly<Record<string, { readonly resolved?: string; readonly hasInstallScript?: boolean }>>;
}

const readJson = <T>(path: string) => JSON.parse(readFileSync(`${ROOT}/${path}`, 'utf8')) as T;
const manifest = readJson<Manifest>('package.json');
const { packages } = readJson<Lock>('package-lock.json');

describe('the settings of npm', () => {
  it('are all known: npm prints no warning in this folder', () => {
    const { stderr, status } = spawnSync('npm', ['config', 'get', 'fund'], { cwd: ROOT, encoding: 'utf8' });
    expect(status).toBe(0);
    expect(stderr).not.toMatch(/project config/);
  });

  it('decides on every install script, so that npm 11 and 12 have nothing to ask', () => {
    const scripted = Object.entries(packages).filter(([, { hasInstallScript }]) => hasInstallScript);
    const names = scripted.map(([path]) => path.replace(/^.*node_modules\//, ''));
    expect(Object.keys(manifest.allowScripts)).toEqual(expect.arrayContaining(names));
    expect(new Set(Object.values(manifest.allowScripts))).toEqual(new Set([false]));
  });

  // npm 10 does not read allowScripts. It runs the scripts of those packages that the lock says have some, and the one of
  // onnxruntime-node downloads hundreds of megabytes on every Linux machine.
  it('keeps npm 10 from the install script of onnxruntime-node', () => {
    const { hasInstallScript } = packages['node_modules/onnxruntime-node']!;
    expect(hasInstallScript, 'take "hasInstallScript" out of its entry in package-lock.json').toBeUndefined();
  });

  it('writes no address of a registry into the lock', () => {
    const resolved = Object.values(packages).flatMap((one) => one.resolved ?? []);
    expect(resolved.filter((address) => address.includes(':'))).toEqual([]);
  });
});

describe.runIf(process.platform === 'linux' && process.arch === 'x64')('npm run install:cuda', () => {
  it('asks for the CUDA libraries, without a CUDA toolkit too', async () => {
    const proxy = await new HttpProxy().start();
    proxy.refuseWith = 503;
    const env = { ...process.env, GLOBAL_AGENT_HTTPS_PROXY: `http://${proxy.host}`, GLOBAL_AGENT_NO_PROXY: '' };
    const child = spawn('npm', ['run', 'install:cuda'], { cwd: ROOT, env, stdio: 'ignore' });
    const [code] = (await once(child, 'exit')) as [number];
    await proxy.stop();
    expect(code).not.toBe(0);
    expect(proxy.asked).toContain('CONNECT api.nuget.org:443');
  });
});
