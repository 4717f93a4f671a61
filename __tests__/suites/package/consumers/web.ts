import { CapabilitySigner, IncomingScope } from 'twilio-capability';
import * as entry from 'twilio-capability/web';
import { tokenEndpoint } from 'twilio-capability/web';
import { check, type NoAny, type Same } from './check.js';

check<NoAny<[typeof entry]>>();

const signer = new CapabilitySigner();

/** A Next.js route handler, or the fetch of a Worker. */
export const POST = tokenEndpoint(async (request, { signal }) => {
  check<Same<typeof request, Request>>();
  check<Same<typeof signal, AbortSignal>>();
  await Promise.resolve();
  return request.headers.has('authorization') ? signer.issue(new IncomingScope('alice')) : undefined;
});
check<Same<typeof POST, (request: Request) => Promise<Response>>>();

// @ts-expect-error -- null rejects a client, false does not
export const refused = (): unknown => tokenEndpoint(() => false);
