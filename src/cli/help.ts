/** The names of the subcommands, in the order of the help. */
export const COMMANDS = ['mint', 'inspect', 'verify', 'migrate', 'fixtures'] as const;

/** The name of a subcommand. */
export type CommandName = (typeof COMMANDS)[number];

/** What `twilio-capability --help` says. */
export const HELP = `Mint, read and check Twilio Client capability tokens.

Usage: twilio-capability <command> [options]

  mint        make a token, and write it to standard output
  inspect     show what a token says: for whom, for what, until when, and what is wrong with it
  verify      check a token, signature and all
  migrate     show what a capability token becomes as an Access Token
  fixtures    write good and bad tokens as JSON, for a test suite in any language

  -h, --help  this, or with a command its own help
  --version   the version

Credentials come from the environment, or from a file given by --env-file; never from a flag, where
the process list would show them:

  TWILIO_ACCOUNT_SID, TWILIO_AUTH_TOKEN        for capability tokens
  TWILIO_API_KEY_SID, TWILIO_API_KEY_SECRET    for Access Tokens, with TWILIO_ACCOUNT_SID

Exit codes: 0 done, 1 the token is not good, 2 wrong usage.

Example:
  twilio-capability mint --incoming alice | twilio-capability inspect
`;

const ENV_FILE = '  --env-file FILE      take the credentials from this file, and none from the environment';
const NOW = '  --now ISO            the time to go by, such as 2026-01-01T00:00:00Z; default: the clock';
const AS_JSON = '  --json               write JSON instead of text';
const TOKEN = `The token is the argument, or comes from standard input: by "-", or through a pipe. An argument
shows in the process list.`;

/** What `twilio-capability <command> --help` says. */
export const COMMAND_HELP: Readonly<Record<CommandName, string>> = {
  mint: `Make a token, and write it to standard output: the token and nothing else.

Usage: twilio-capability mint [options]

  --incoming NAME      receive calls under this client name; can be given more than once
  --outgoing AP…       place calls through this application
  --client-name NAME   the name outgoing calls come from; default: the (last) incoming name
  --param KEY=VALUE    a parameter for the application; can be given more than once
  --event-stream       subscribe to the account's events
  --filter KEY=VALUE   which events; can be given more than once
  --allow-any-name     take client names other than [A-Za-z0-9_]{1,121}
  --ttl SECONDS        how long the token lives, 1 to 86400; default: 3600
  --access-token       make an Access Token instead
  --identity NAME      its identity; default: the client name
  --region REGION      its region, such as au1
  --drop-unmappable    leave out what has no counterpart in an Access Token
${ENV_FILE}
${NOW}
  --json               write the token with its account, scopes and times, as JSON

Example:
  export TWILIO_ACCOUNT_SID=AC… TWILIO_AUTH_TOKEN=…
  twilio-capability mint --incoming alice --outgoing AP… --param user_id=42 --ttl 600
`,
  inspect: `Show what a token says: for whom, for what, until when, what is wrong with it, and which SDK it
looks like. Needs no credentials and checks no signature, so all that it shows is UNVERIFIED:
anybody can have written it.

Usage: twilio-capability inspect [TOKEN | -] [options]

${NOW}
${AS_JSON}

${TOKEN}
The exit code is 1 where it cannot be read.

Example:
  twilio-capability inspect - < token.txt
`,
  verify: `Check a token: shape, signature, account, times and scopes. An Access Token is checked as such where
an API key is set. The exit code is 0 if the token is good and 1 if it is not; then the code says why,
with the number that Twilio has for it.

Usage: twilio-capability verify [TOKEN | -] [options]

  --clock-tolerance S  seconds by which the signer's clock may differ, 0 to 300; default: 0
${ENV_FILE}
${NOW}
${AS_JSON}

${TOKEN}

Example:
  twilio-capability verify --env-file .env - < token.txt
`,
  migrate: `Show what a capability token becomes as an Access Token, and what has no counterpart there. Needs no
credentials and checks no signature.

Usage: twilio-capability migrate [TOKEN | -] [options]

${AS_JSON}

${TOKEN}

Example:
  twilio-capability mint --incoming alice --outgoing AP… | twilio-capability migrate
`,
  fixtures: `Write good and bad tokens as JSON, for a test suite in any language: with the credentials and the
time they are made for, what is to become of each, and its claims. The same bytes on every run and
every machine.

Usage: twilio-capability fixtures [options]

  --now ISO            the time they are made for; default: 2026-01-01T00:00:00Z
  --out FILE           write to this file instead of standard output

The JSON has "format", "now" (ISO 8601), "nowSeconds" (Unix time), "accountSid", "authToken",
"apiKeySid", "apiKeySecret", and "fixtures": by name, each with "name", "description", "token",
"outcome" ("valid", or the code that a verifier refuses it with) and "claims" (the payload, or null).
The credentials are of no account.

Example:
  twilio-capability fixtures --out spec/fixtures/capability-tokens.json
`,
};
