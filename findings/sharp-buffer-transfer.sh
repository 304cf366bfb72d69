#!/bin/sh
# The memory of sharp's toBuffer() cannot be transferred to a thread on Node 22 and later; that of toUint8Array() can.
# Node 20 does not transfer it either: it silently makes a copy, and the sender keeps its own.
# Workaround: server/src/inference/worker/image.ts uses toUint8Array().
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm install --silent --no-audit --no-fund sharp@0.35.5
npm install --silent --no-audit --no-fund node@24.21.0

cat > run.cjs <<'END'
const sharp = require('sharp');
const picture = () => sharp({ create: { width: 8, height: 8, channels: 3, background: 'red' } }).raw();
const ways = {
  toBuffer: () => picture().toBuffer(),
  toUint8Array: async () => (await picture().toUint8Array()).data,
};
(async () => {
  console.log('sharp', sharp.versions.sharp, 'on Node', process.version);
  const seen = {};
  for (const [name, get] of Object.entries(ways)) {
    const { buffer } = await get();
    try {
      structuredClone(buffer, { transfer: [buffer] });
      seen[name] = buffer.byteLength === 0 ? 'moved' : 'copied';
    } catch (error) {
      seen[name] = error.name;
    }
    console.log(name + ':', seen[name]);
  }
  console.log('expected of both: moved');
  process.exitCode = seen.toBuffer === 'DataCloneError' && seen.toUint8Array === 'moved' ? 0 : 1;
})();
END
node_modules/node/bin/node run.cjs
