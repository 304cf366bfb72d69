#!/bin/sh
# onnxruntime-node 1.30 ignores freeDimensionOverrides.
# The type definitions list the setting for the Node.js binding. Unknown options raise no error either.
# Workaround: sizes are fixed when a graph is exported, or stay free.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm install --silent --no-audit --no-fund --ignore-scripts onnxruntime-node@1.30.0

grep -A4 'free dimension override' node_modules/onnxruntime-common/dist/cjs/inference-session.d.ts
cat > run.cjs <<'END'
const { InferenceSession, Tensor } = require('onnxruntime-node');
// y = Identity(x), of float32 [batch, 2].
const graph = Buffer.from(
  'CAg6TQoQCgF4EgF5IghJZGVudGl0eRIFZ3JhcGhaGAoBeBITChEIARINCgcSBWJhdGNoCgIIAmIYCgF5EhMKEQgBEg0KBxIFYmF0Y2gKAggCQgQKABAR',
  'base64',
);
(async () => {
  console.log('onnxruntime-node', require('onnxruntime-node/package.json').version, 'on Node', process.version);
  const session = await InferenceSession.create(graph, { freeDimensionOverrides: { batch: 1 } });
  const [{ shape }] = session.inputMetadata;
  console.log('batch is overridden with 1; the input is then', JSON.stringify(shape), '(expected: [1,2])');
  const ran = await session.run({ x: new Tensor('float32', new Float32Array(6), [3, 2]) }).then(
    ({ y }) => 'gives ' + JSON.stringify(y.dims),
    (error) => 'throws ' + error.message,
  );
  console.log('a batch of 3', ran, '(expected: an error)');
  process.exitCode = shape[0] === 'batch' && ran === 'gives [3,2]' ? 0 : 1;
})();
END
node run.cjs
