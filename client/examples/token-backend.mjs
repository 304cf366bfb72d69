// Gives the people of a site tokens for its underpaint server: npm install jose && node token-backend.mjs SECRET-FILE
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { SignJWT } from 'jose';

const secret = new TextEncoder().encode(readFileSync(process.argv[2], 'utf8').trim());

// A real site looks at its own cookie here, and answers 401 to strangers. It would also be on the origin of the page.
const userOf = (request) => `guest at ${request.socket.remoteAddress}`;

const tokenFor = (user) =>
  new SignJWT({ sub: user, aud: 'underpaint', underpaint: { session: 600, sessions: 4, fps: 20 } })
    .setProtectedHeader({ alg: 'HS256' })
    .setExpirationTime('60s')
    .sign(secret);

const server = createServer(async (request, response) => {
  const token = await tokenFor(userOf(request));
  response.writeHead(200, { 'Cache-Control': 'no-store', 'Access-Control-Allow-Origin': 'http://127.0.0.1:8000' });
  response.end(token);
});
server.listen(process.env.PORT ?? 8001, '127.0.0.1', () => console.log(`tokens at port ${server.address().port}`));
