import { CliError, EXIT } from "./exit-codes.js";

/** Header fields of repeated `name=value` arguments, as the API takes them. */
export function headerMap(pairs: readonly string[]): Record<string, string[]> {
  const headers: Record<string, string[]> = {};
  for (const pair of pairs) {
    const equals = pair.indexOf("=");
    if (equals < 1) throw new CliError(`--header "${pair}" is not name=value`, EXIT.usage);
    const name = pair.slice(0, equals);
    headers[name] = [...(headers[name] ?? []), pair.slice(equals + 1)];
  }
  return headers;
}
