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

/** What the token of the tour is for. */
export interface TourOptions {
  readonly incoming: string;
  readonly outgoing: string;
  readonly params: ScopeParams;
  readonly ttl: number;
}

/** What the demo is asked for on its command line. */
export interface DemoOptions extends TourOptions {
  /** The tour alone. */
  readonly once: boolean;
  readonly help: boolean;
}

/** Reads `--incoming alice --outgoing AP… --param user_id=42 --ttl 600`, each with a default. */
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

/** The credentials of the environment, or where it has none the library's test ones, which are nobody's. */
export function credentials(): CapabilityConfig & {
  readonly accountSid: string;
  readonly authToken: string;
} {
  const { TWILIO_ACCOUNT_SID: accountSid, TWILIO_AUTH_TOKEN: authToken } = process.env;
  return accountSid && authToken ? { accountSid, authToken } : testCredentials;
}

/** The main job from end to end, as lines to print: mint a token, read it back, and see a forgery refused. */
export function* tour(config: CapabilityConfig, options: TourOptions): Generator<string> {
  const capability = new Capability(config);
  capability.allowClientIncoming(options.incoming);
  capability.allowClientOutgoing(options.outgoing, options.params);
  const token = capability.generate(options.ttl);
  yield `Token for account ${config.accountSid ?? ''}:\n\n${token}\n`;

  const { accountSid, authToken, now } = config;
  const verifier = new CapabilityVerifier({ accountSid, authToken, now });
  const { scopes, expiresAt } = verifier.verify(token);
  yield 'The verifier accepts it. Until ' + expiresAt.toISOString() + ' its holder may';
  for (const scope of scopes) yield `  - ${inWords(scope)}`;

  try {
    verifier.verify(tamper(token, options.incoming));
  } catch (error) {
    if (!(error instanceof CapabilityError)) throw error;
    yield `\nA copy in which the name was changed gets ${error.code} (Twilio's ${error.twilioCode ?? ''}):`;
    yield `  ${error.message}`;
  }
}

function inWords(scope: Scope): string {
  switch (scope.kind) {
    case 'incoming':
      return `receive calls as ${scope.clientName}`;
    case 'outgoing': {
      const params = Object.entries(scope.params).map(([name, value]) => `${name} = ${value}`);
      const passing = params.length > 0 ? `, which gets ${params.join(', ')}` : '';
      return `place calls as ${scope.clientName ?? 'nobody'} through application ${scope.applicationSid}${passing}`;
    }
    case 'event-stream':
      return 'follow the events of the account';
    case 'other':
      return `use ${scope.service}:${scope.privilege}`;
  }
}

/** Puts another name into the payload and keeps the signature, as somebody without the auth token could. */
function tamper(token: string, name: string): string {
  const [header, payload, signature] = token.split('.') as [string, string, string];
  const claims = Buffer.from(payload, 'base64url').toString('utf8').replaceAll(`=${name}`, '=mallory');
  return [header, Buffer.from(claims).toString('base64url'), signature].join('.');
}
