import type { JsonNode } from "./json-document.js";

/**
 * The value at a dot path such as `commits.0.author`. At each step a member that is called like all the rest of the path
 * goes first, so that names with dots can be reached.
 */
export function atJsonPath(root: JsonNode, path: string): JsonNode | undefined {
  let node: JsonNode | undefined = root;
  let rest = path;
  while (node !== undefined) {
    const whole = child(node, rest);
    if (whole !== undefined) return whole;
    const dot = rest.indexOf(".");
    if (dot < 0) return undefined;
    node = child(node, rest.slice(0, dot));
    rest = rest.slice(dot + 1);
  }
  return undefined;
}

function child(node: JsonNode, name: string): JsonNode | undefined {
  if (node.kind === "object") return node.members.get(name);
  return node.kind === "array" && /^(0|[1-9]\d{0,8})$/.test(name) ? node.items[Number(name)] : undefined;
}
