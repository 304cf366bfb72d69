/*
 * Numbers of fields in onnx.proto (https://github.com/onnx/onnx/blob/main/onnx/onnx.proto).
 */

export const MODEL = { ir: 1, graph: 7, opset: 8 } as const;
export const OPSET_VERSION = 2;

export const GRAPH_NODE = 1;
export const GRAPH_NAME = 2;
/** A number that onnx.proto keeps free: readers skip such a field. */
export const GRAPH_UNUSED = 3;
export const GRAPH_INITIALIZER = 5;
export const GRAPH_INPUT = 11;
export const GRAPH_OUTPUT = 12;

export const NODE = { input: 1, output: 2, operator: 4, attribute: 5 } as const;
export const ATTRIBUTE = { name: 1, whole: 3, wholes: 8, type: 20 } as const;
/** Values of `ATTRIBUTE.type`. */
export const ATTRIBUTE_TYPE = { whole: 2, wholes: 7 } as const;
export const TENSOR = { dims: 1, type: 2, name: 8, bytes: 9, external: 13 } as const;
export const VALUE = { name: 1, type: 2 } as const;
/** Within the type of a value, and within its type of tensor. */
export const TENSOR_TYPE = { tensor: 1, element: 1, shape: 2 } as const;
/** Within a shape, and within a dimension. */
export const SHAPE = { dimension: 1, size: 1, name: 2 } as const;

/** TensorProto.DataType. */
export const DATA_TYPES = {
  float32: 1,
  uint8: 2,
  int32: 6,
  int64: 7,
  bool: 9,
  float16: 10,
  float64: 11,
} as const;
