import { randomBytes } from 'node:crypto';

/**
 * The WebRTC side of a call without sound.
 *
 * A browser opens a call as soon as it has an offer and an answer. The audio line is `inactive` and lists no
 * address, so the browser sends nothing and does not end the call for missing media.
 *
 * @see https://www.rfc-editor.org/rfc/rfc8829#section-5.3.1
 */
export interface SilentMedia {
  offer(): string;
  answer(offer: string): string;
}

/** @param fingerprint - SHA-256 of a certificate. WebRTC requires one, even without media. */
export function createSilentMedia(fingerprint: string): SilentMedia {
  return {
    offer: () => describe('0', 'actpass', fingerprint),
    answer: (offer) => describe(/^a=mid:(\S+)/m.exec(offer)?.[1] ?? '0', 'passive', fingerprint),
  };
}

function describe(mid: string, setup: string, fingerprint: string): string {
  const lines = [
    'v=0',
    `o=- ${Date.now()} 1 IN IP4 127.0.0.1`,
    's=-',
    't=0 0',
    `a=group:BUNDLE ${mid}`,
    // PCMU has the fixed payload type 0 (RFC 3551), which every browser knows.
    'm=audio 9 UDP/TLS/RTP/SAVPF 0',
    'c=IN IP4 0.0.0.0',
    'a=rtpmap:0 PCMU/8000',
    `a=mid:${mid}`,
    'a=inactive',
    'a=rtcp-mux',
    `a=setup:${setup}`,
    `a=fingerprint:sha-256 ${fingerprint}`,
    `a=ice-ufrag:${randomBytes(4).toString('hex')}`,
    `a=ice-pwd:${randomBytes(16).toString('hex')}`,
  ];
  return `${lines.join('\r\n')}\r\n`;
}
