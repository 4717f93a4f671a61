/** Content of a message. It depends on the type. */
export type Payload = Readonly<Record<string, unknown>>;

/** One message of Twilio's signaling, in either direction. */
export interface Message {
  readonly type: string;
  readonly payload: Payload;
}

/** Parses a message from a browser. Returns null for a heartbeat and for invalid messages. */
export function parseMessage(text: string): Message | null {
  let message: unknown;
  try {
    message = JSON.parse(text);
  } catch {
    return null;
  }
  if (!isRecord(message) || typeof message['type'] !== 'string') return null;
  const { type, payload } = message;
  return { type, payload: isRecord(payload) ? payload : {} };
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
