/** A Lambda's cause is JSON `{errorType, errorMessage, trace}`; any other cause is text. */
export function causeText(cause = 'no cause given'): string {
  try {
    const parsed: unknown = JSON.parse(cause);
    return typeof parsed === 'object' && parsed !== null && 'errorMessage' in parsed ? String(parsed.errorMessage) : cause;
  } catch {
    return cause;
  }
}
