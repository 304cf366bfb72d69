/** A message that breaks the wire contract. Fatal for the session that sent it: it closes with 4000. */
export class ProtocolError extends Error {
  override readonly name = 'ProtocolError';
}

/** Parameters out of shape (not merely out of range, which is clamped). The patch is refused, the session lives. */
export class ParamsError extends Error {
  override readonly name = 'ParamsError';
}
