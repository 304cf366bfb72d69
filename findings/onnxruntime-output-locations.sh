#!/bin/sh
# onnxruntime-node 1.30 applies preferredOutputLocation by the place of an output among those that are fetched, not by its name.
# With {second: 'gpu-buffer'}, run(feeds, ['second']) gives it in the memory of the machine; with {first: 'gpu-buffer'} it gives
# `second` on the device, where its data cannot be read.
# Workaround: server/src/pipeline/graphs/ort.ts fetches all outputs of a session that holds some of them on the device.
# Needs a Vulkan driver; the software one of Debian's package chromium is enough.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm install --silent --no-audit --no-fund --ignore-scripts onnxruntime-node@1.30.0

cat > run.mjs <<'END'
import { InferenceSession, Tensor } from 'onnxruntime-node';

// A model in ONNX's format: first = x + x, second = x * x.
const field = (number, value) =>
  typeof value === 'number' ? [number << 3, value] : [(number << 3) | 2, Buffer.byteLength(value), ...Buffer.from(value)];
const message = (...fields) => Uint8Array.from(fields.flatMap(([number, value]) => field(number, value)));
const shape = message([1, message([1, 2])]);
const value = (name) => message([1, name], [2, message([1, message([1, 1], [2, shape])])]);
const node = (operator, output) => message([1, 'x'], [1, 'x'], [2, output], [4, operator]);
const graph = message(
  [1, node('Add', 'first')], [1, node('Mul', 'second')], [2, 'g'], [11, value('x')], [12, value('first')], [12, value('second')],
);
const model = message([1, 8], [7, graph], [8, message([2, 17])]);

console.log('onnxruntime-node 1.30.0 on Node', process.version);
const locations = [];
for (const held of ['second', 'first']) {
  const session = await InferenceSession.create(model, {
    executionProviders: ['webgpu'],
    preferredOutputLocation: { [held]: 'gpu-buffer' },
  });
  const { second } = await session.run({ x: new Tensor('float32', [1, 2], [2]) }, ['second']);
  console.log(`${held} is to stay on the device; second, fetched alone, is in`, second.location);
  locations.push(second.location);
  second.dispose();
}
process.exitCode = locations.join() === 'cpu,gpu-buffer' ? 0 : 1;
END
drivers=/usr/lib/chromium
[ ! -e "$drivers/vk_swiftshader_icd.json" ] || export LD_LIBRARY_PATH="$drivers" VK_ICD_FILENAMES="$drivers/vk_swiftshader_icd.json"
node run.mjs
