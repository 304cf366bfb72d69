#!/usr/bin/env node
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { WebSocket, WebSocketServer } from 'ws';

/*
 * Starts Firefox for playwright and stands between the two: playwright emulates media features in every context, and Firefox
 * ESR does not know that command of WebDriver BiDi. It is answered here; no test depends on it. Everything else passes.
 */

const LISTENING = /^WebDriver BiDi listening on (ws:\/\/\S+)$/;
const ANSWERED = new Set(['emulation.setMediaFeaturesOverride']);

const firefox = spawn(process.env['UNDERPAINT_FIREFOX'], process.argv.slice(2), {
  stdio: ['inherit', 'inherit', 'pipe'],
});
firefox.on('exit', (code) => process.exit(code ?? 1));
for (const signal of ['SIGTERM', 'SIGINT']) process.on(signal, () => firefox.kill(signal));
createInterface({ input: firefox.stderr }).on('line', async (line) => {
  const address = LISTENING.exec(line)?.[1];
  process.stderr.write(`${address === undefined ? line : `WebDriver BiDi listening on ${await bridge(address)}`}\n`);
});

/** @returns the address to use in place of Firefox's */
async function bridge(address) {
  const server = new WebSocketServer({ host: '127.0.0.1', port: 0 });
  server.on('connection', (client, { url }) => {
    const browser = new WebSocket(`${address}${url}`);
    const opened = once(browser, 'open');
    client.on('message', async (data) => {
      const { id, method } = JSON.parse(String(data));
      if (ANSWERED.has(method)) return client.send(JSON.stringify({ type: 'success', id, result: {} }));
      await opened;
      browser.send(String(data));
    });
    browser.on('message', (data) => client.send(String(data)));
    browser.on('close', () => client.close());
    client.on('close', () => browser.close());
  });
  await once(server, 'listening');
  return `ws://127.0.0.1:${server.address().port}`;
}
