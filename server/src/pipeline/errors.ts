/** A folder that cannot be served, or a use that its graphs do not allow. The message is one line: the fault and a remedy. */
export class ModelError extends Error {
  override readonly name = 'ModelError';
}
