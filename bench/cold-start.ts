import { execFileSync } from 'node:child_process';
import { median } from './measure';
import { accountSid, applicationSid, authToken } from './peers';

/** Programs that load a library and make one token. Run from the project's folder, as its users would. */
const PROGRAMS = {
  ours: `const { Capability } = require('twilio-capability');
    const capability = new Capability({ accountSid: '${accountSid}', authToken: '${authToken}' });
    capability.allowClientIncoming('alice');
    capability.allowClientOutgoing('${applicationSid}', { user_id: '42' });
    capability.generate();`,
  jsonwebtoken: `require('jsonwebtoken').sign({ scope: 'x', iss: '${accountSid}', exp: 1 }, '${authToken}');`,
  ClientCapability: twilioProgram("require('twilio/lib/jwt/ClientCapability').default"),
  twilio: twilioProgram("require('twilio').jwt.ClientCapability"),
} as const;

function twilioProgram(load: string): string {
  return `const ClientCapability = ${load};
    const capability = new ClientCapability({ accountSid: '${accountSid}', authToken: '${authToken}' });
    capability.addScope(new ClientCapability.IncomingClientScope('alice'));
    capability.toJwt();`;
}

export type ColdStart = Record<keyof typeof PROGRAMS, number>;

/** Milliseconds from the start of a new process to its end, medians of rounds that take turns. */
export function coldStart(rounds: number): ColdStart {
  const names = Object.keys(PROGRAMS) as (keyof ColdStart)[];
  const times = names.map((): number[] => []);
  for (let round = 0; round < rounds; round++) {
    for (let turn = 0; turn < names.length; turn++) {
      const index = (round + turn) % names.length;
      const start = process.hrtime.bigint();
      execFileSync(process.execPath, ['-e', PROGRAMS[names[index]!]], { cwd: `${__dirname}/..` });
      times[index]!.push(Number(process.hrtime.bigint() - start) / 1e6);
    }
  }
  return Object.fromEntries(names.map((name, index) => [name, median(times[index]!)])) as ColdStart;
}
