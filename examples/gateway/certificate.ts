import { X509Certificate } from 'node:crypto';
import { generate } from 'selfsigned';

/** A certificate for `localhost` and its key. Both exist only in memory. */
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
 * `node:crypto` cannot create X.509 certificates, and Windows has no `openssl` command. The `selfsigned` package
 * uses Node's WebCrypto.
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
