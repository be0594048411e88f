/** RFC 2046, section 5.1.1. */
const BOUNDARY = /;\s*boundary=(?:"([^"]{1,70})"|([^\s;"]{1,70}))/i;
const NAME = /[;\s]name=(?:"((?:[^"\\]|\\.)*)"|([^\s;"]+))/i;

/**
 * The text fields of a multipart form (RFC 7578) in their order; parts that have a file name are left out. What is not
 * well-formed ends the form.
 */
export function* multipartFields(contentType: string, body: Buffer): Generator<readonly [string, string]> {
  const boundary = BOUNDARY.exec(contentType);
  if (boundary === null) return;
  const delimiter = `--${boundary[1] ?? boundary[2] ?? ""}`;
  let at = body.indexOf(delimiter);
  while (at !== -1) {
    const lineEnd = body.indexOf("\r\n", at + delimiter.length);
    if (lineEnd === -1 || body.subarray(at + delimiter.length, at + delimiter.length + 2).toString() === "--") return;
    const next = body.indexOf(`\r\n${delimiter}`, lineEnd);
    if (next === -1) return;
    const field = oneField(body.subarray(lineEnd + 2, next));
    if (field !== undefined) yield field;
    at = next + 2;
  }
}

function oneField(part: Buffer): readonly [string, string] | undefined {
  const headEnd = part.indexOf("\r\n\r\n");
  if (headEnd === -1 || headEnd > 8_192) return undefined;
  const disposition = part
    .subarray(0, headEnd)
    .toString("utf8")
    .split("\r\n")
    .find((line) => line.toLowerCase().startsWith("content-disposition:"));
  if (disposition === undefined || /[;\s]filename\*?=/i.test(disposition)) return undefined;
  const name = NAME.exec(disposition);
  if (name === null) return undefined;
  return [(name[1] ?? name[2] ?? "").replace(/\\(.)/g, "$1"), part.subarray(headEnd + 4).toString("utf8")];
}
