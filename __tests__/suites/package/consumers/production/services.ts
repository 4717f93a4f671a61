import { setTimeout as sleep } from 'node:timers/promises';
import type { AccountSecret } from './signers.js';

export interface User {
  readonly name: string;
  readonly tenant: string;
  readonly canCall: boolean;
}

export interface AuditEntry {
  readonly tenant: string;
  readonly accountSid: string;
  readonly clientName: string | undefined;
  readonly issuedAt: Date;
  readonly expiresAt: Date;
}

export const ACCOUNTS: Readonly<Record<string, string>> = {
  acme: 'AC00000000000000000000000000000001',
  globex: 'AC00000000000000000000000000000002',
  initech: 'AC00000000000000000000000000000003',
};

export const authTokenOf = (tenant: string, version: number): string =>
  `fake-secret-of-${tenant}-v${version}`;

/** Mocks of the secret manager, the user database and the audit log, with delays. */
export class Services {
  readonly versions = new Map([
    ['acme', 1],
    ['globex', 1],
  ]);
  readonly audited: AuditEntry[] = [];
  readonly reported: unknown[] = [];

  findUser = async (authorization: string | null | undefined, signal: AbortSignal): Promise<User | null> => {
    await sleep(1, undefined, { signal });
    const [, name, tenant, role] = /^Bearer (\w+):(\w+):(\w+)$/.exec(authorization ?? '') ?? [];
    if (name === undefined || tenant === undefined) return null;
    return { name, tenant, canCall: role === 'agent' };
  };

  secretOf = async (tenant: string, signal: AbortSignal): Promise<AccountSecret> => {
    await sleep(1, undefined, { signal });
    const version = this.versions.get(tenant);
    const accountSid = ACCOUNTS[tenant] ?? '';
    // This tenant was never given a secret.
    if (version === undefined) return { accountSid, version: 0 };
    return { accountSid, authToken: authTokenOf(tenant, version), version };
  };

  audit = async (entry: AuditEntry): Promise<void> => {
    await sleep(1);
    this.audited.push(entry);
  };

  onError = (error: unknown): void => {
    this.reported.push(error);
  };
}
