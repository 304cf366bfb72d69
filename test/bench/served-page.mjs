import { chromium } from 'playwright';
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

/**
 * Serves the built page with a simulated device, and starts a browser for it.
 *
 * @param {string} device as `--device` takes it
 * @returns the server's address, the browser, and a function that ends both
 */
export async function servePage(device) {
  const server = spawn(process.execPath, [
    'server/bin/underpaint.js',
    'serve',
    '--port',
    '0',
    ...['--device', device, '--log-level', 'error'],
  ]);
  const url = await new Promise((resolve) => {
    createInterface({ input: server.stdout }).on('line', (line) => {
      const found = /^underpaint is ready: (\S+)$/.exec(line);
      if (found) resolve(found[1]);
    });
  });
  const browser = await chromium.launch({
    executablePath: process.env['UNDERPAINT_CHROMIUM'] ?? '/usr/bin/chromium',
    args: process.getuid() === 0 ? ['--no-sandbox'] : [],
  });
  const stop = async () => {
    await browser.close();
    server.kill();
  };
  return { url, browser, stop };
}
