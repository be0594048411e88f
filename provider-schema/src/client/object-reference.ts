/** A reference that an import id holds: the id of an object, or its name behind the name (or id) of its parent. */
export interface ObjectReference {
  /** Absent for an object without a parent, and for a bare id. */
  readonly parent?: string;
  readonly object: string;
}

/**
 * Takes an import id apart: `NAME` or an id; `PARENT/NAME` for what belongs to a parent. A slash in a name is written as
 * `%2F`. Returns a text that says what is wrong otherwise.
 */
export function parseObjectReference(text: string, hasParent: boolean): ObjectReference | string {
  const parts = text.split("/");
  if (parts.some((part) => part === "")) return `"${text}" has an empty part`;
  const names = parts.map(decoded);
  const [first, second] = names;
  if (first === undefined || names.includes(undefined)) return `"${text}" has a % that begins no encoded character`;
  if (!hasParent) {
    return parts.length === 1 ? { object: first } : `"${text}" has a slash; write a slash in a name as %2F`;
  }
  if (parts.length > 2) return `"${text}" has more than one slash; write a slash in a name as %2F`;
  return second === undefined ? { object: first } : { parent: first, object: second };
}

function decoded(part: string): string | undefined {
  try {
    return decodeURIComponent(part);
  } catch {
    return undefined;
  }
}
