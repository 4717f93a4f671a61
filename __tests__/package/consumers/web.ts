import { CapabilitySigner, IncomingScope } from 'twilio-capability';
import * as entry from 'twilio-capability/web';
import { tokenHandler } from 'twilio-capability/web';
import { check, type AnyIn, type Same } from './check.js';

check<Same<AnyIn<typeof entry>, never>>();

/** As a Next.js route handler, or the fetch of a Worker. */
export const POST = tokenHandler({
  signer: new CapabilitySigner(),
  authorize: async (request, { signal }) => {
    check<Same<typeof request, Request>>();
    check<Same<typeof signal, AbortSignal>>();
    return Promise.resolve(request.headers.has('authorization') ? [new IncomingScope('alice')] : undefined);
  },
});
check<Same<typeof POST, (request: Request) => Promise<Response>>>();

/** What must not compile. Never called. */
export function refused(): unknown[] {
  return [
    // @ts-expect-error -- nobody says who may have which token
    tokenHandler({ signer: new CapabilitySigner() }),
  ];
}
