import { X509Certificate } from 'node:crypto';
import { generate } from 'selfsigned';

/** A certificate for `localhost`, with its key, made anew at each start and kept in memory only. */
export interface Certificate {
  readonly key: string;
  readonly cert: string;
  /** SHA-256 of the certificate, as hex pairs joined by colons. */
  readonly fingerprint: string;
}

const ONE_WEEK = 7 * 24 * 60 * 60 * 1000;

/**
 * Makes a self-signed certificate for `localhost`.
 *
 * `node:crypto` reads X.509 certificates but cannot write them, and an `openssl` command is not on every
 * machine (Windows has none), so this takes a small package that does it with Node's own WebCrypto.
 */
export async function createCertificate(): Promise<Certificate> {
  const pems = await generate([{ name: 'commonName', value: 'localhost' }], {
    keyType: 'ec',
    algorithm: 'sha256',
    notAfterDate: new Date(Date.now() + ONE_WEEK),
    extensions: [
      { name: 'basicConstraints', cA: false, critical: true },
      { name: 'extKeyUsage', serverAuth: true },
      {
        name: 'subjectAltName',
        altNames: [
          { type: 2, value: 'localhost' },
          { type: 7, ip: '127.0.0.1' },
          { type: 7, ip: '::1' },
        ],
      },
    ],
  });

  return {
    key: pems.private,
    cert: pems.cert,
    fingerprint: new X509Certificate(pems.cert).fingerprint256,
  };
}
