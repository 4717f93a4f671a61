/** A stand-in for the client of your own secret manager. */
export async function fetchSecret(
  tenantId: string,
): Promise<{ accountSid: string; applicationSid: string; authToken: string; version: string }> {
  const { TWILIO_ACCOUNT_SID: accountSid = '', TWILIO_AUTH_TOKEN: authToken = '' } = process.env;
  if (tenantId !== 'acme') throw new Error(`There is no secret for tenant ${tenantId}.`);
  const applicationSid = 'APXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXX';
  return Promise.resolve({ accountSid, applicationSid, authToken, version: '1' });
}
