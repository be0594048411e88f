import { SETTINGS } from "./settings.js";

/** Variables of the agent and the quick start: not the server's, and no mistake beside it. */
const OTHERS =
  /^RELAY_(KEY|SECRET|API_KEY|API_ADDRESS|GRPC_API_ADDRESS|WS_ADDRESS|TUNNEL_API_ADDRESS|REQUIRE_TLS|INSECURE|CA_FILE|RETRIES|AGENT.*|STATE.*|CONFIG.*|LEDGER.*|TEST_.*)$/;

const NAMES: readonly string[] = SETTINGS.map(({ variable }) => variable);

/** One sentence for each variable that looks as if it was meant for the server, but is not a setting. */
export function unknownVariables(names: readonly string[]): string[] {
  return names.flatMap((name) => {
    if (NAMES.includes(name)) return [];
    const bare = name.replace(/^RELAY_/, "");
    const near = NAMES.find((known) => known === bare || known === `RELAY_${name}`) ?? nearest(name);
    if (near !== undefined) return [`${name} is not a setting of the server: did you mean ${near}?`];
    if (name.startsWith("RELAY_") && !OTHERS.test(name))
      return [`${name} is not a setting of the server: it has no effect.`];
    return [];
  });
}

function nearest(name: string): string | undefined {
  return NAMES.find((known) => known.length >= 8 && distance(known, name, 2) <= 2);
}

/** Levenshtein distance; anything above `limit` is `limit + 1`. */
function distance(a: string, b: string, limit: number): number {
  if (Math.abs(a.length - b.length) > limit) return limit + 1;
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const change = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(change, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return Math.min(row[b.length] ?? 0, limit + 1);
}
