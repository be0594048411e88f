import type { Rule } from "./rule.js";

/** Policy configuration that makes mandatory what the level `dev` may leave out. */
export function productionConfig(
  rules: readonly Rule[],
): Readonly<Record<string, { readonly enforcementLevel: string }>> {
  const raised = rules.filter(({ level }) => level === "production");
  return Object.fromEntries(raised.map(({ id }) => [id, { enforcementLevel: "mandatory" }]));
}
