#!/bin/sh
# onnxruntime-node 1.30 cannot read a half-precision Tensor made of a Uint16Array on Node 24.
# Node 24 has Float16Array: onnxruntime-common wraps the bits in one, which the native binding cannot read.
# Node 20 and 22 do not have it, and the same line works. A plain object with the tensor's fields works on all versions.
# Workaround: server/src/pipeline/graphs/ort.ts feeds plain objects. See microsoft/onnxruntime#26791.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm install --silent --no-audit --no-fund --ignore-scripts onnxruntime-node@1.30.0
npm install --silent --no-audit --no-fund node@24.21.0

cat > run.cjs <<'END'
const { InferenceSession, Tensor } = require('onnxruntime-node');
// y = Identity(x), of float16 [2].
const graph = Buffer.from(
  'CAg6OwoQCgF4EgF5IghJZGVudGl0eRIFZ3JhcGhaDwoBeBIKCggIChIECgIIAmIPCgF5EgoKCAgKEgQKAggCQgQKABAR',
  'base64',
);
const bits = Uint16Array.of(0x3c00, 0x4000); // 1 and 2
const forms = {
  Tensor: () => new Tensor('float16', bits, [2]),
  plain: () => ({ type: 'float16', data: bits, dims: [2], location: 'cpu' }),
};
(async () => {
  console.log('onnxruntime-node', require('onnxruntime-node/package.json').version, 'on Node', process.version);
  const session = await InferenceSession.create(graph);
  const seen = {};
  for (const [name, make] of Object.entries(forms)) {
    const feed = make();
    seen[name] = await session.run({ x: feed }).then(
      ({ y }) => 'gives ' + [...new Uint16Array(y.data.buffer, y.data.byteOffset, 2)].join(', '),
      (error) => 'throws ' + error.message,
    );
    console.log(name + ' (' + feed.data.constructor.name + '):', seen[name]);
  }
  console.log('expected of both: gives 15360, 16384');
  process.exitCode = seen.Tensor.startsWith('throws') && seen.plain === 'gives 15360, 16384' ? 0 : 1;
})();
END
node_modules/node/bin/node run.cjs
