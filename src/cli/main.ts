#!/usr/bin/env node
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { nearestWord } from '../nearest-word';
import { describeUsage } from './arguments';
import * as fixtures from './fixtures';
import { inspect, inspectHelp, verify, verifyHelp } from './inspect';
import * as mint from './mint';
import { writeMessage, type ExitCode, type Terminal } from './report';

const HELP = `Create, inspect and verify Twilio Client capability tokens.

Usage: twilio-capability <command> [options]

  mint        create a token and write it to standard output
  inspect     show what a token allows, what is wrong with it, and what it becomes as an Access Token
  verify      the same, with the signature
  fixtures    write valid and invalid tokens as JSON, for a test suite in any language

  -h, --help  show this help, or the help of a command
  --version   show the version

Credentials come from the environment, or from a file given with --dotenv. They are never flags:
the process list would show them.

  TWILIO_ACCOUNT_SID, TWILIO_AUTH_TOKEN        for capability tokens
  TWILIO_API_KEY_SID, TWILIO_API_KEY_SECRET    for Access Tokens, with TWILIO_ACCOUNT_SID

NO_COLOR turns colours off, FORCE_COLOR turns them on.

Exit codes: 0 done, 1 the token is not valid, 2 wrong usage or not checked.

Example:
  twilio-capability mint --incoming alice | twilio-capability inspect
`;

interface Command {
  readonly help: string;
  readonly run: (args: readonly string[], terminal: Terminal) => ExitCode | Promise<ExitCode>;
}

const COMMANDS: ReadonlyMap<string, Command> = new Map<string, Command>([
  ['mint', mint],
  ['inspect', { help: inspectHelp, run: inspect }],
  ['verify', { help: verifyHelp, run: verify }],
  ['fixtures', fixtures],
]);

/**
 * Runs the command.
 *
 * @param args - The command line after the name of the program.
 */
export async function run(args: readonly string[], terminal: Terminal): Promise<ExitCode> {
  const [name = '', ...rest] = args;
  const { stdout } = terminal;
  if (name === '--version') {
    stdout.write(`${readVersion()}\n`);
    return 0;
  }
  if (isHelp(name) || name === 'help') {
    stdout.write(COMMANDS.get(rest[0] ?? '')?.help ?? HELP);
    return 0;
  }
  const command = COMMANDS.get(name);
  if (command === undefined) {
    if (name === '') terminal.stderr.write(HELP);
    else writeMessage(terminal, unknownCommandMessage(name));
    return 2;
  }
  if (rest.some(isHelp)) {
    stdout.write(command.help);
    return 0;
  }
  try {
    return await command.run(rest, terminal);
  } catch (error) {
    writeMessage(terminal, `twilio-capability ${name}: ${describeUsage(error)}`);
    return 2;
  }
}

function isHelp(arg: string): boolean {
  return arg === '--help' || arg === '-h';
}

function unknownCommandMessage(name: string): string {
  const near = nearestWord(name, [...COMMANDS.keys()]);
  // Only a plain word is repeated. Anything else may be a token or a secret.
  const shown = /^[a-z-]{1,24}$/i.test(name) ? ` ${name}` : '';
  return (
    `twilio-capability: Unknown command${shown}. ${near === undefined ? '' : `Did you mean ${near}? `}` +
    'Run twilio-capability --help.'
  );
}

function readVersion(): string {
  const file = readFileSync(join(__dirname, '..', '..', 'package.json'), 'utf8');
  return (JSON.parse(file) as { version: string }).version;
}

function main(): void {
  // A full disk, or a reader that has closed the pipe. Exit code 1 would say that the token is not valid.
  process.stdout.on('error', ({ code }: NodeJS.ErrnoException) => {
    if (code !== 'EPIPE')
      writeMessage(process, `twilio-capability: The output cannot be written: ${String(code)}.`);
    process.exit(2);
  });
  process.stderr.on('error', () => process.exit(2));
  run(process.argv.slice(2), process).then(
    (exitCode) => {
      process.exitCode = exitCode;
    },
    (error: unknown) => {
      writeMessage(process, `twilio-capability: ${String(error)}`);
      process.exitCode = 2;
    },
  );
}

if (require.main === module) main();
