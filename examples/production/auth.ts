/** A stand-in for your own authentication. */
export interface User {
  readonly id: number;
  readonly name: string;
  readonly tenantId: string;
  readonly canCall: boolean;
}

const USERS: Readonly<Record<string, User>> = {
  'Bearer session-of-alice': { id: 42, name: 'alice', tenantId: 'acme', canCall: true },
  'Bearer session-of-bob': { id: 43, name: 'bob', tenantId: 'acme', canCall: false },
  'Bearer session-of-carol': { id: 44, name: 'carol', tenantId: 'globex', canCall: true },
};

/** Returns the signed-in user, or undefined. */
export async function findUser(
  authorization: string | null | undefined,
  signal?: AbortSignal,
): Promise<User | undefined> {
  signal?.throwIfAborted();
  return Promise.resolve(USERS[authorization ?? '']);
}
