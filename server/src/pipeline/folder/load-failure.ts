import { open } from 'node:fs/promises';
import { basename } from 'node:path';

/*
 * ONNX Runtime describes errors in terms of its own source files. These messages say what is wrong with the user's file.
 */

const KNOWN: readonly (readonly [RegExp, (match: RegExpExecArray) => string])[] = [
  [
    /Protobuf parsing failed|does not have a graph/,
    () => 'it is cut short or not an ONNX graph: fetch or export it again',
  ],
  [
    /External data path does not exist: "([^"]+)"/,
    ([, path]) => `its weights are missing: ${basename(path!)} belongs beside it`,
  ],
  [
    /Unsupported model IR version: (\d+), max supported IR version: (\d+)/,
    ([, found, most]) =>
      `it is in version ${found!} of the ONNX format, and this ONNX Runtime reads up to ${most!}: export it with an older onnx package`,
  ],
  [
    /Opset (\d+) is under development.*for domain (\S+) is till opset (\d+)/s,
    ([, found, domain, most]) =>
      `it uses opset ${found!} of ${domain!}, and this ONNX Runtime knows up to ${most!}: export it again for an older opset, such as ${Math.min(17, Number(most))}`,
  ],
  [
    /Unsupported data type: (\d+)/,
    ([, type]) =>
      `it takes or gives ${DATA_TYPES[Number(type)] ?? 'numbers of an unknown type'}, which cannot be passed from here: export it in float32 or float16`,
  ],
  [
    /Type 'tensor\((bfloat16|float8\w*)\)' of input parameter .* of operator \((\w+)\)/,
    ([, type, operator]) =>
      `it computes ${operator!} in ${type!}, which ONNX does not have: export it in float32 or float16`,
  ],
  [
    /Fatal error: (\S+?):(\w+)\(-?\d+\) is not a registered function/,
    ([, domain, operator]) =>
      `it uses ${operator!} of ${domain!}, an operator that this ONNX Runtime does not have: export it with only the operators of ONNX itself`,
  ],
  [
    /No Op registered for (\w+) with domain_version of (\d+)/,
    ([, operator, opset]) =>
      `it uses ${operator!}, which opset ${opset!} of ONNX does not have: the file is broken, export it again`,
  ],
  [
    /escapes model directory|Absolute path not allowed/,
    () => 'its weights are behind a link that leads out of the folder: copy the files themselves, with cp -rL',
  ],
  [
    /External initializer.*(out of bounds|can not be read)/,
    () => 'the weights beside it are cut short, or of another graph: fetch both again',
  ],
  [
    /(?:Failed to find kernel for|Could not find an implementation for) (?:[\w]+\.)*(\w+)/,
    ([, operator]) =>
      `it has no ${operator!} of this kind: the graph was made for another device, export it in fp32 without optimising it for one`,
  ],
  [
    /Got invalid dimensions for input: (\w+) for the following indices\s+index: (\d+) Got: (\d+) Expected: (\d+)/,
    ([, input, index, given, wanted]) =>
      `dimension ${Number(index) + 1} of ${input!} must be ${wanted!}, not ${given!}: it is of another model, or was exported for one size`,
  ],
  [
    /Failed to load shared library/,
    () => 'its libraries are not installed: the README says which it needs; --device cpu works everywhere',
  ],
  [
    /Failed to get a WebGPU adapter/,
    () => 'there is no graphics driver that it can use (Direct3D 12, Metal or Vulkan); --device cpu works everywhere',
  ],
  [/requires f16/, () => 'it is in half precision, which this device cannot do: take the graphs in single precision'],
];

/** Element types that onnxruntime-node does not support, by TensorProto.DataType. */
const DATA_TYPES: Readonly<Record<number, string>> = {
  14: 'complex64',
  15: 'complex128',
  16: 'bfloat16',
  17: 'float8',
  18: 'float8',
  19: 'float8',
  20: 'float8',
};

/** Why a graph did not load, in one line; continues a sentence that names the file and the device. */
export async function explainLoadFailure(path: string, cause: unknown): Promise<string> {
  if (await isPointer(path)) return 'it is a pointer of Git LFS, not the graph: run git lfs pull in the folder';
  const text = cause instanceof Error ? cause.message : String(cause);
  for (const [pattern, explain] of KNOWN) {
    const match = pattern.exec(text);
    if (match) return explain(match);
  }
  // Other errors keep their own words, without the paths in its source that they begin with.
  const [line = ''] = text.split('\n');
  return line
    .replace(/^Load model from .* failed:\s*/, '')
    .replaceAll(/\S*onnxruntime_src\S+ /g, '')
    .slice(0, 300);
}

async function isPointer(path: string): Promise<boolean> {
  const file = await open(path).catch(() => undefined);
  if (!file) return false;
  try {
    const { buffer } = await file.read(Buffer.alloc(40), 0, 40, 0);
    return buffer.toString('latin1').startsWith('version https://git-lfs');
  } finally {
    await file.close();
  }
}
