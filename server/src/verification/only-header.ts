import { MALFORMED, MISSING, type SignedRequest, type Verdict } from "./verification.js";

/**
 * The value of a field that must be there exactly once, else the verdict. Of a field that is there twice, one program
 * would read the first and the next one the last: it is refused. `name` is in lower case.
 */
export function onlyHeader(request: Pick<SignedRequest, "rawHeaders">, name: string): string | Verdict {
  const { rawHeaders } = request;
  let found: string | undefined;
  for (let i = 0; i + 1 < rawHeaders.length; i += 2) {
    if (rawHeaders[i]?.toLowerCase() !== name) continue;
    if (found !== undefined) return MALFORMED;
    found = rawHeaders[i + 1];
  }
  return found ?? MISSING;
}
