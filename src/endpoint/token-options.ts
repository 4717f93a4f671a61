import { SignError } from '../errors';
import { ttlProblem } from '../tokens/lifetime';
import { readOptions } from '../options';
import type { Scope } from '../scopes/scope';
import type { IssuedToken, SignOptions } from '../capability/capability-signer';

/** What mints: a `CapabilitySigner` or an `AccessTokenSigner`, or anything with an `issue` like theirs. */
export interface TokenIssuer {
  /** Signs a token for these scopes, and tells what is in it. */
  issue(
    scopes: Scope | Iterable<Scope>,
    options?: SignOptions,
  ): Pick<IssuedToken, 'token' | 'clientName' | 'ttl' | 'expiresAt'>;
}

/** What a client may do: one scope or several; nothing for one that may have no token. */
export type Authorization = Scope | Iterable<Scope> | null | undefined;

/** What `authorize` gets beside the request. */
export interface AuthorizeContext {
  /**
   * Aborts when the client goes away or the timeout passes: hand it to whatever `authorize` waits for. Its
   * reason is a `DOMException` named `AbortError` or `TimeoutError`.
   */
  readonly signal: AbortSignal;
}

/** Who gets which token. `R` is the request, as the framework has it. */
export interface TokenEndpointOptions<R> {
  /** Whose tokens they are. */
  readonly signer: TokenIssuer;
  /**
   * Says what the client that asks may do; null or undefined refuses it (401). This alone decides: the
   * library reads nothing about identity, scope or lifetime from the request.
   */
  readonly authorize: (request: R, context: AuthorizeContext) => Authorization | PromiseLike<Authorization>;
  /** Seconds that a token lives, 1 to 86,400. Default: the signer's. */
  readonly ttl?: number | undefined;
  /** Milliseconds that `authorize` may take before the answer is 503, 1 to 2,147,483,647. Default: 10,000. */
  readonly timeout?: number | undefined;
  /**
   * Gets what went wrong, of which the client is told nothing: what `authorize` or the signer threw, or the
   * `TimeoutError`. Without it that is lost. Nothing waits for it, and what it throws itself is dropped.
   */
  readonly onError?: ((error: unknown, request: R) => unknown) | undefined;
}

/** The options once they are checked. */
export interface TokenSettings<R> extends Pick<TokenEndpointOptions<R>, 'signer' | 'authorize' | 'onError'> {
  readonly timeout: number;
  /** What the signer is told; undefined for its own ttl. */
  readonly lifetime: SignOptions | undefined;
}

const DEFAULT_TIMEOUT = 10_000;
/** The most a timer takes; one that is set to more fires at once. */
const MAX_TIMEOUT = 2 ** 31 - 1;

/**
 * Checks the options of an endpoint, once, when it is built.
 *
 * @throws {SignError} `ERR_OPTIONS_INVALID`, with the field, or `ERR_TTL_INVALID`.
 */
export function readTokenOptions<R>(options: unknown): TokenSettings<R> {
  const {
    signer,
    authorize,
    ttl,
    timeout = DEFAULT_TIMEOUT,
    onError,
  } = readOptions(options, ['signer', 'authorize', 'ttl', 'timeout', 'onError']);

  if (!isIssuer(signer)) {
    throw invalid('signer', 'The signer of an endpoint is a CapabilitySigner or an AccessTokenSigner.');
  }
  if (typeof authorize !== 'function') {
    throw invalid('authorize', 'authorize is a function that takes the request and returns the scopes.');
  }
  if (ttl !== undefined) {
    const problem = ttlProblem(ttl);
    if (problem !== undefined) throw new SignError('ERR_TTL_INVALID', problem, 'ttl');
  }
  if (!Number.isInteger(timeout) || (timeout as number) < 1 || (timeout as number) > MAX_TIMEOUT) {
    throw invalid('timeout', `timeout is a whole number of milliseconds from 1 to ${MAX_TIMEOUT}.`);
  }
  if (onError !== undefined && typeof onError !== 'function') {
    throw invalid('onError', 'onError is a function that takes the error and the request.');
  }
  return {
    signer,
    authorize: authorize as TokenSettings<R>['authorize'],
    onError: onError as TokenSettings<R>['onError'],
    timeout: timeout as number,
    lifetime: ttl === undefined ? undefined : { ttl: ttl as number },
  };
}

function isIssuer(value: unknown): value is TokenIssuer {
  return (
    typeof value === 'object' && value !== null && typeof (value as Partial<TokenIssuer>).issue === 'function'
  );
}

function invalid(field: string, message: string): SignError {
  return new SignError('ERR_OPTIONS_INVALID', message, field);
}
