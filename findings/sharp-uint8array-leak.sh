#!/bin/sh
# Each picture that sharp gives by toUint8Array() stays in memory for good: the native buffer that was copied is not freed
# (FreeCallback is called with the buffer as its first argument, and frees its second). toBuffer() gives it back.
# Here: server/src/inference/worker/image.ts.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm install --silent --no-audit --no-fund sharp@0.35.5

cat > run.cjs <<'END'
const sharp = require('sharp');
const picture = () => sharp({ create: { width: 512, height: 512, channels: 3, background: 'red' } }).raw();
const ways = { toBuffer: () => picture().toBuffer(), toUint8Array: () => picture().toUint8Array() };
const COUNT = 200;
(async () => {
  console.log('sharp', sharp.versions.sharp, 'on Node', process.version);
  const grown = {};
  for (const [name, get] of Object.entries(ways)) {
    const before = process.memoryUsage.rss();
    for (let i = 0; i < COUNT; i++) {
      await get();
      if (i % 10 === 0) gc();
    }
    grown[name] = (process.memoryUsage.rss() - before) / 1e6;
    console.log(name + ':', grown[name].toFixed(0), 'MB more after', COUNT, 'pictures of 0.79 MB');
  }
  console.log('expected of both: a few MB');
  process.exitCode = grown.toBuffer < 60 && grown.toUint8Array > 100 ? 0 : 1;
})();
END
node --expose-gc run.cjs
