// The server encodes every user name with encodeClientName(): each byte except letters and digits becomes `_`
// and two hex digits.

/** Returns the name behind Twilio's `From` or `To`: `client:bob_40example_2Ecom` is bob@example.com. */
export function displayName(address) {
  if (!address.startsWith('client:')) return address;
  const clientName = address.slice('client:'.length);
  try {
    return decodeURIComponent(clientName.replaceAll(/_([0-9A-F]{2})/g, '%$1'));
  } catch {
    return clientName;
  }
}
