const DECODER = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/**
 * Names and values of a form (application/x-www-form-urlencoded, WHATWG URL section 5.1), those of one name together;
 * undefined when it is no UTF-8, because what cannot be told apart must not be taken for the same.
 */
export function formFields(body: Buffer): ReadonlyMap<string, string[]> | undefined {
  const fields = new Map<string, string[]>();
  try {
    for (const pair of body.toString("latin1").split("&")) {
      if (pair === "") continue;
      const equals = pair.indexOf("=");
      const name = decoded(equals < 0 ? pair : pair.slice(0, equals));
      const value = equals < 0 ? "" : decoded(pair.slice(equals + 1));
      const values = fields.get(name);
      if (values === undefined) fields.set(name, [value]);
      else values.push(value);
    }
  } catch {
    return undefined;
  }
  return fields;
}

/** A percent sign without two hex digits stands for itself. */
function decoded(text: string): string {
  const bytes = text
    .replaceAll("+", " ")
    .replace(/%([0-9A-Fa-f]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
  return DECODER.decode(Buffer.from(bytes, "latin1"));
}
