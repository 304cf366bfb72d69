import fc from 'fast-check';

const pick = (...texts: readonly string[]) => fc.constantFrom(...texts);
const target = fc.oneof(
  pick('/', '//', '/ws', '/embed', '/api/rooms', '/api/info', '/metrics', '/underpaint.js', '*', 'a:80', '/..//ws'),
  pick('http://', 'http://a/ws', 'ws://a/', '/%', '/%zz', '/\\', '/?x', '/#', '/healthz', 'https://a@b/', '/ws?a'),
  fc.webPath(),
);
const header = fc.oneof(
  pick(
    'Host: localhost',
    'Host: b',
    'Host: a/b',
    'Host:',
    'Host: A:80',
    'Origin: null',
    'Origin: http://a',
    'Origin: //',
  ),
  pick('Connection: Upgrade', 'Connection: close', 'Upgrade: websocket', 'Upgrade: h2c', 'Upgrade:', 'Upgrade: a, b'),
  pick('Sec-WebSocket-Version: 9', 'Sec-WebSocket-Key: x', 'Sec-WebSocket-Protocol: underpaint.v1'),
  pick('Sec-WebSocket-Protocol: ,,', 'Sec-WebSocket-Extensions: ;;', 'Content-Length: 5', 'Content-Length: -1'),
  pick('Range: bytes=9-1', 'Range: bytes=99999999-', 'If-None-Match: *', 'If-None-Match: ,"', 'Expect: 100-continue'),
  pick('Accept-Encoding: br;q=x', 'Accept-Encoding: gzip', 'Accept-Encoding: *;q=0', 'Transfer-Encoding: chunked'),
);
const upgrade = [
  'Host: localhost',
  'Connection: Upgrade',
  'Upgrade: websocket',
  'Sec-WebSocket-Version: 13',
  'Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==',
];
/** Requests as text, most of them odd. */
const requests: fc.Arbitrary<string> = fc
  .tuple(
    fc.tuple(
      pick('GET', 'GET', 'POST', 'HEAD', 'OPTIONS', 'PUT', 'CONNECT', 'get'),
      target,
      pick('1.1', '1.1', '1.0', '2'),
    ),
    pick('none', 'host', 'upgrade'),
    fc.array(header, { maxLength: 5 }),
    pick('', 'hello', '5\r\nhello\r\n0\r\n\r\n', '\x82\x80aaaa', '\xff\xff'),
  )
  .map(([[method, path, version], usual, headers, body]) => {
    const first = { none: [], host: ['Host: localhost'], upgrade }[usual as 'none' | 'host' | 'upgrade'];
    return [`${method} ${path} HTTP/${version}`, ...first, ...headers, '', body].join('\r\n');
  });

const edit = fc.record({
  at: fc.nat(400),
  remove: fc.nat(3),
  insert: fc.string({ unit: 'binary-ascii', maxLength: 3 }),
});

/** Odd requests with characters changed, removed or added. */
export const mutatedRequests: fc.Arbitrary<string> = fc
  .tuple(requests, fc.array(edit, { maxLength: 3 }))
  .map(([text, edits]) => {
    const characters = [...text];
    for (const { at, remove, insert } of edits) characters.splice(at % characters.length, remove, ...insert);
    return characters.join('');
  });
