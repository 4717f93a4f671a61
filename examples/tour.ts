import { parseArgs } from 'node:util';
import {
  Capability,
  CapabilityError,
  CapabilityVerifier,
  type CapabilityConfig,
  type Scope,
  type ScopeParams,
} from 'twilio-capability';
import { testCredentials } from 'twilio-capability/testing';

/** Content of the token. */
export interface TourOptions {
  readonly incoming: string;
  readonly outgoing: string;
  readonly params: ScopeParams;
  readonly ttl: number;
}

/** Flags of the demo. */
export interface DemoOptions extends TourOptions {
  /** Print the tour only. */
  readonly once: boolean;
  readonly help: boolean;
}

/** Parses `--incoming alice --outgoing AP… --param user_id=42 --ttl 600`. Each flag has a default. */
export function readDemoOptions(args: readonly string[]): DemoOptions {
  const { values } = parseArgs({
    args: [...args],
    options: {
      incoming: { type: 'string', default: 'alice' },
      outgoing: { type: 'string', default: 'APabe7650f654fc34655fc81ae71caa3ff' },
      param: { type: 'string', multiple: true, default: ['user_id=42'] },
      ttl: { type: 'string', default: '3600' },
      once: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  const { incoming, outgoing, param, ttl, once, help } = values;
  const pairs = param.map((text) => text.split(/=(.*)/s).slice(0, 2) as [string, string]);
  return { incoming, outgoing, params: Object.fromEntries(pairs), ttl: Number(ttl), once, help };
}

/** Returns the credentials of the environment, or the library's test credentials. */
export function credentials(): CapabilityConfig & {
  readonly accountSid: string;
  readonly authToken: string;
} {
  const { TWILIO_ACCOUNT_SID: accountSid, TWILIO_AUTH_TOKEN: authToken } = process.env;
  return accountSid && authToken ? { accountSid, authToken } : testCredentials;
}

/** Creates a token, verifies it, and shows that a changed copy is rejected. Yields the lines to print. */
export function* tour(config: CapabilityConfig, options: TourOptions): Generator<string> {
  const capability = new Capability(config);
  capability.allowClientIncoming(options.incoming);
  capability.allowClientOutgoing(options.outgoing, options.params);
  const token = capability.generate(options.ttl);
  yield `Token for account ${config.accountSid ?? ''}:\n\n${token}\n`;

  const { accountSid, authToken, now } = config;
  const verifier = new CapabilityVerifier({ accountSid, authToken, now });
  const { scopes, expiresAt } = verifier.verify(token);
  yield `The verifier accepts it. Until ${expiresAt.toISOString()}, its holder can`;
  for (const scope of scopes) yield `  - ${inWords(scope)}`;

  try {
    verifier.verify(tamper(token, options.incoming));
  } catch (error) {
    if (!(error instanceof CapabilityError)) throw error;
    yield `\nA copy with a different name is rejected with ${error.code} (Twilio error ${error.twilioCode ?? ''}):`;
    yield `  ${error.message}`;
  }
}

function inWords(scope: Scope): string {
  switch (scope.kind) {
    case 'incoming':
      return `receive calls as ${scope.clientName}`;
    case 'outgoing': {
      const params = Object.entries(scope.params).map(([name, value]) => `${name} = ${value}`);
      const passing = params.length > 0 ? ` with ${params.join(', ')}` : '';
      return `make calls as ${scope.clientName ?? 'nobody'} through TwiML app ${scope.applicationSid}${passing}`;
    }
    case 'event-stream':
      return 'subscribe to the events of the account';
    case 'other':
      return `use ${scope.service}:${scope.privilege}`;
  }
}

/** Changes the name in the payload and keeps the signature, as an attacker without the auth token could. */
function tamper(token: string, name: string): string {
  const [header, payload, signature] = token.split('.') as [string, string, string];
  const claims = Buffer.from(payload, 'base64url').toString('utf8').replaceAll(`=${name}`, '=mallory');
  return [header, Buffer.from(claims).toString('base64url'), signature].join('.');
}
