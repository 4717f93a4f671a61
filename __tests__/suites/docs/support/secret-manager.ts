/** Mocks the client of the reader's own secret manager. */
export async function fetchSecret(
  tenantId: string,
): Promise<{ accountSid: string; authToken: string; version: string }> {
  const { TWILIO_ACCOUNT_SID: accountSid = '', TWILIO_AUTH_TOKEN: authToken = '' } = process.env;
  if (tenantId !== 'acme') throw new Error(`There is no secret for tenant ${tenantId}.`);
  return Promise.resolve({ accountSid, authToken, version: '1' });
}
