import type { ServerResponse } from 'node:http';

/** An answer to a request, not sent yet. */
export interface Answer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** A sentence for a person. */
  readonly text?: string;
  readonly json?: object;
}

export function sendAnswer(response: ServerResponse, { status, headers = {}, text = '', json }: Answer): void {
  const body = json === undefined ? text : JSON.stringify(json);
  const type = json === undefined ? 'text/plain; charset=utf-8' : 'application/json';
  const length = Buffer.byteLength(body);
  response.writeHead(status, {
    'Content-Type': type,
    'Content-Length': length,
    'Cache-Control': 'no-store',
    ...headers,
  });
  response.end(body);
}
