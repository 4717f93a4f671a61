import { SignError } from '../errors';
import type { CapabilityConfig } from '../config';
import { readOptions } from '../options';
import type { ParamsOf, ScopeParams } from '../scopes/params';
import {
  EventStreamScope,
  IncomingScope,
  outgoingMaker,
  type IncomingScopeOptions,
  type OutgoingScopeOptions,
  type Scope,
} from '../scopes/scope';
import { CapabilitySigner, type SignOptions } from './capability-signer';

/**
 * Scopes and signer in one, as `Twilio::Util::Capability` has it: for one token, for one client.
 *
 * @example
 * const capability = new Capability({ accountSid, authToken });
 * capability.allowClientIncoming('Alice');
 * capability.allowClientOutgoing('APabe7650f654fc34655fc81ae71caa3ff', { user_id: user.id });
 * const token = capability.generate(); // for one hour; generate(600) for ten minutes
 */
export class Capability {
  readonly #signer: CapabilitySigner;
  readonly #makers: ((clientName?: string) => Scope)[] = [];
  #clientName: string | undefined;
  #sealed = false;

  /**
   * @param config - As for a {@link CapabilitySigner}; what is left out comes from `configure`, then from the
   *   environment.
   * @throws {ConfigError} `ERR_CONFIG_INVALID` or `ERR_CONFIG_MISSING`, with the field.
   * @throws {SignError} `ERR_TTL_INVALID`.
   */
  constructor(config?: CapabilityConfig) {
    this.#signer = new CapabilitySigner(config);
  }

  /** What has been allowed so far, each outgoing scope under the name it will have in the token. */
  get scopes(): readonly Scope[] {
    return Object.freeze(this.#makeScopes());
  }

  /**
   * Lets the client receive calls under a name.
   *
   * @throws As {@link IncomingScope}; {@link SignError} `ERR_CAPABILITY_SEALED` after `generate`.
   */
  allowClientIncoming(clientName: string, options?: IncomingScopeOptions): this {
    const scope = new IncomingScope(clientName, options);
    this.#allow(() => scope);
    this.#clientName = clientName;
    return this;
  }

  /**
   * Lets the client place calls through an application. Without a `clientName` of their own the calls come
   * from the incoming name, whichever of the two is allowed first; of several, the last.
   *
   * @param params - What Twilio passes on to the application's VoiceUrl with each call.
   * @throws As {@link OutgoingScope}; {@link SignError} `ERR_CAPABILITY_SEALED` after `generate`.
   */
  allowClientOutgoing<P extends ParamsOf<P> = ScopeParams>(
    applicationSid: string,
    params?: P,
    options?: Pick<OutgoingScopeOptions, 'clientName' | 'allowAnyName'>,
  ): this {
    const { clientName, allowAnyName } = readOptions(options, ['clientName', 'allowAnyName']);
    return this.#allow(outgoingMaker(applicationSid, { params, clientName, allowAnyName }));
  }

  /**
   * Lets the client subscribe to the account's events.
   *
   * @throws As {@link EventStreamScope}; {@link SignError} `ERR_CAPABILITY_SEALED` after `generate`.
   */
  allowEventStream<P extends ParamsOf<P> = ScopeParams>(filters?: P): this {
    const scope = new EventStreamScope(filters);
    return this.#allow(() => scope);
  }

  /**
   * Signs the token. From then on nothing more can be allowed: a builder that is kept, and filled again for
   * the next request, is how one user's token comes to carry another's name.
   *
   * @param ttl - Seconds, 1 to 86,400, or `{ ttl }`, or `{ expiresAt }`. Default: the config's ttl, one hour.
   * @throws As {@link CapabilitySigner.sign}.
   */
  generate(ttl?: number | SignOptions): string {
    const options = ttl === undefined || typeof ttl === 'object' ? ttl : { ttl };
    const token = this.#signer.sign(this.#makeScopes(), options);
    this.#sealed = true;
    return token;
  }

  #allow(maker: (clientName?: string) => Scope): this {
    if (this.#sealed) {
      throw new SignError(
        'ERR_CAPABILITY_SEALED',
        'This Capability has generated its token. Make a new one for each client; to share the credentials, ' +
          'use a CapabilitySigner.',
      );
    }
    this.#makers.push(maker);
    return this;
  }

  /** An outgoing scope is made last, once it is known which incoming name it may take. */
  #makeScopes(): Scope[] {
    return this.#makers.map((make) => make(this.#clientName));
  }
}
