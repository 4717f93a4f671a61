import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { COMMAND_HELP, COMMANDS, HELP, type CommandName } from './help';
import type { Command, ExitCode, Terminal } from './terminal';

/* eslint-disable @typescript-eslint/no-require-imports -- each loads what it needs, when it is needed */
const LOAD: Readonly<Record<CommandName, () => Command>> = {
  mint: () => (require('./mint') as typeof import('./mint')).mint,
  inspect: () => (require('./inspect') as typeof import('./inspect')).inspect,
  verify: () => (require('./verify') as typeof import('./verify')).verify,
  migrate: () => (require('./migrate') as typeof import('./migrate')).migrate,
  fixtures: () => (require('./fixtures') as typeof import('./fixtures')).fixtures,
};

/**
 * Runs the command.
 *
 * @param args - The command line, after the name of the command.
 * @returns The exit code.
 */
export async function run(args: readonly string[], terminal: Terminal): Promise<ExitCode> {
  const [name = '', ...rest] = args;
  const { stdout, stderr } = terminal;
  if (name === '--version') {
    stdout.write(`${version()}\n`);
    return 0;
  }
  if (isHelp(name) || name === 'help') {
    stdout.write(isCommand(rest[0]) ? COMMAND_HELP[rest[0]] : HELP);
    return 0;
  }
  if (!isCommand(name)) {
    stderr.write(name === '' ? HELP : unknownCommand(name));
    return 2;
  }
  if (rest.some(isHelp)) {
    stdout.write(COMMAND_HELP[name]);
    return 0;
  }
  try {
    const { parseFlags } = require('./flags') as typeof import('./flags');
    const { flagTypes, takesToken, execute } = LOAD[name]();
    return await execute(parseFlags(rest, flagTypes, takesToken), terminal);
  } catch (error) {
    const { explain } = require('./explain') as typeof import('./explain');
    stderr.write(`twilio-capability ${name}: ${explain(error)}\n`);
    return 2;
  }
}

function isCommand(name: string | undefined): name is CommandName {
  return (COMMANDS as readonly (string | undefined)[]).includes(name);
}

function isHelp(arg: string): boolean {
  return arg === '--help' || arg === '-h';
}

function unknownCommand(name: string): string {
  const { nearest } = require('../settings') as typeof import('../settings');
  // Only a plain word is shown: anything else may be a token or a secret.
  const shown = /^[a-z-]{1,30}$/i.test(name) ? ` ${name}` : '';
  const near = nearest(name, COMMANDS);
  return (
    `twilio-capability: There is no command${shown}.${near === undefined ? '' : ` Did you mean ${near}?`}\n` +
    'See twilio-capability --help.\n'
  );
}

function version(): string {
  const file = readFileSync(join(__dirname, '..', '..', 'package.json'), 'utf8');
  return (JSON.parse(file) as { version: string }).version;
}
