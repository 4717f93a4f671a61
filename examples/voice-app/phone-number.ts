/** Whether a text is meant as a phone number: it starts with `+`, which no user name may. */
export function isPhoneNumberLike(text: string): boolean {
  return text.trim().startsWith('+');
}

/** Returns `+1 (555) 010-0123` as `+15550100123`, or null for anything that is not an E.164 number. */
export function parsePhoneNumber(text: string): string | null {
  const number = text.replaceAll(/[\s().-]/g, '');
  return /^\+[1-9]\d{6,14}$/.test(number) ? number : null;
}
