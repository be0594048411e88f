/**
 * Milliseconds that a `Retry-After` field asks for: seconds, or a date (RFC 9110 section 10.2.3). Undefined when it is
 * absent or neither. `now` in Unix milliseconds.
 */
export function retryAfterMs(value: string | undefined, now: number): number | undefined {
  const text = value?.trim() ?? "";
  if (/^\d{1,9}$/.test(text)) return Number(text) * 1_000;
  // Date.parse reads much that is no HTTP date.
  if (!/^[A-Z][a-z]{2,8}, .*\d{2}:\d{2}:\d{2} GMT$/.test(text)) return undefined;
  const at = Date.parse(text);
  return Number.isNaN(at) ? undefined : Math.max(0, at - now);
}
