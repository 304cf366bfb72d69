import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { Server as TlsServer } from 'node:https';
import type { Server } from 'node:http';
import { createSecureContext } from 'node:tls';
import type { Config } from '../config/config.js';
import type { Logger } from '../logger.js';

/**
 * Reloads the certificate and its key, for new connections. If the pair cannot be used, the old one stays.
 */
export function reloadCertificate(server: Server, { tlsCert, tlsKey }: Config, log: Logger): void {
  if (!(server instanceof TlsServer)) return log.info('nothing to reload: there is no certificate');
  try {
    const [cert, key] = [readFileSync(tlsCert), readFileSync(tlsKey)];
    // Checked first: a server keeps half of a bad pair.
    createSecureContext({ cert, key });
    server.setSecureContext({ cert, key });
    log.info({ file: tlsCert, validTo: new X509Certificate(cert).validTo }, 'reloaded the certificate');
  } catch (error) {
    log.error({ err: error, file: tlsCert }, 'the new certificate cannot be used; the old one stays');
  }
}
