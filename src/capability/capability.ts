import type { CapabilityConfig } from '../config';
import { ScopeError } from '../errors';
import { readOptions } from '../options';
import { validateAllowAnyName } from '../scopes/client-name';
import { EventStreamScope } from '../scopes/event-stream-scope';
import { IncomingScope, type IncomingScopeOptions } from '../scopes/incoming-scope';
import { OutgoingScope, type OutgoingScopeOptions } from '../scopes/outgoing-scope';
import type { ParamsOf, ScopeParams } from '../scopes/params';
import type { Scope } from '../scopes/parse-scope';
import type { SignOptions } from '../tokens/lifetime';
import { CapabilitySigner } from './capability-signer';

/**
 * Builds and signs one token for one client, as `Twilio::Util::Capability` does.
 *
 * @example
 * const capability = new Capability({ accountSid, authToken });
 * capability.allowClientIncoming('Alice');
 * capability.allowClientOutgoing('APabe7650f654fc34655fc81ae71caa3ff', { user_id: user.id });
 * const token = capability.generate(); // one hour; generate(600) for ten minutes
 */
export class Capability {
  readonly #signer: CapabilitySigner;
  /** Incoming scopes and event streams, in call order. */
  readonly #leadingScopes: Scope[] = [];
  /** Outgoing scopes, which `Twilio::Util::Capability` writes last. */
  #outgoing: { scope: OutgoingScope; takesIncomingName: boolean }[] = [];
  #clientName: string | undefined;
  #sealed = false;

  /**
   * Creates an empty capability. Credentials that are not passed come from `configure`, else from
   * `TWILIO_ACCOUNT_SID` and `TWILIO_AUTH_TOKEN`.
   *
   * @throws {ConfigError} `ERR_CONFIG_MISSING`, `ERR_CONFIG_INVALID` or `ERR_TTL_INVALID`, with the field.
   */
  constructor(config?: CapabilityConfig) {
    this.#signer = new CapabilitySigner(config);
  }

  /** The scopes that are allowed so far, in the order of the token. */
  get scopes(): readonly Scope[] {
    return Object.freeze([...this.#leadingScopes, ...this.#outgoing.map(({ scope }) => scope)]);
  }

  /**
   * Allows the client to receive calls under a name.
   *
   * @throws As {@link IncomingScope}; {@link ScopeError} `ERR_CAPABILITY_SEALED` after `generate`.
   */
  allowClientIncoming(clientName: string, options?: IncomingScopeOptions): this {
    this.#rejectSealed();
    this.#leadingScopes.push(new IncomingScope(clientName, options));
    this.#clientName = clientName;
    this.#outgoing = this.#outgoing.map((entry) =>
      entry.takesIncomingName ? { ...entry, scope: withClientName(entry.scope, clientName) } : entry,
    );
    return this;
  }

  /**
   * Allows the client to make calls through a TwiML application. Without a `clientName` of its own, the scope takes the
   * incoming name. Call order does not matter. With several incoming names, the last one is used.
   *
   * @param params - Parameters that Twilio sends to the application's Voice URL with each call.
   * @throws As {@link OutgoingScope}; {@link ScopeError} `ERR_CAPABILITY_SEALED` after `generate`.
   */
  allowClientOutgoing<P extends ParamsOf<P> = ScopeParams>(
    applicationSid: string,
    params?: P,
    options?: Pick<OutgoingScopeOptions, 'clientName' | 'allowAnyName'>,
  ): this {
    this.#rejectSealed();
    const given: OutgoingScopeOptions = readOptions(['clientName', 'allowAnyName'], options);
    const takesIncomingName = given.clientName === undefined;
    this.#outgoing.push({
      takesIncomingName,
      scope: new OutgoingScope(applicationSid, {
        clientName: takesIncomingName ? this.#clientName : given.clientName,
        params: params as ScopeParams | undefined,
        // The incoming name was validated when it was allowed.
        allowAnyName: validateAllowAnyName(given.allowAnyName) || takesIncomingName,
      }),
    });
    return this;
  }

  /**
   * Allows the client to subscribe to the account's events.
   *
   * @throws As {@link EventStreamScope}; {@link ScopeError} `ERR_CAPABILITY_SEALED` after `generate`.
   */
  allowEventStream<P extends ParamsOf<P> = ScopeParams>(filters?: P): this {
    this.#rejectSealed();
    this.#leadingScopes.push(new EventStreamScope(filters));
    return this;
  }

  /**
   * Signs the token. The capability cannot be changed afterwards: a builder that is reused for the next request leaks one
   * user's permissions to another.
   *
   * @param ttl - Lifetime in seconds, 1 to 86,400, or `{ ttl }`, or `{ expiresAt }`. Default: the ttl of the config,
   *   else one hour.
   * @throws As {@link CapabilitySigner.sign}.
   */
  generate(ttl?: number | SignOptions): string {
    const options = ttl === undefined || typeof ttl === 'object' ? ttl : { ttl };
    const token = this.#signer.sign(this.scopes, options);
    this.#sealed = true;
    return token;
  }

  #rejectSealed(): void {
    if (!this.#sealed) return;
    throw new ScopeError(
      'ERR_CAPABILITY_SEALED',
      'This Capability has generated its token. Create a new Capability for each client. To share the ' +
        'credentials, use a CapabilitySigner.',
    );
  }
}

function withClientName({ applicationSid, params }: OutgoingScope, clientName: string): OutgoingScope {
  return new OutgoingScope(applicationSid, { clientName, params, allowAnyName: true });
}
