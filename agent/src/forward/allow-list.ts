import { BlockList, isIP } from "node:net";
import { type Destination, inNetworks, parseDestination } from "@relay/server/destination";

/**
 * Which destinations the agent may call, decided on the agent's side, so that even a captured server reaches nothing else.
 * Entries are compared as parsed URLs (scheme, host, port), never as text prefixes. Networks are checked against the address
 * that is really connected to: literals here, names at each resolution.
 */
export interface AllowList {
  /** Whether an output may be called at all, and what each call must still pass. */
  check(destination: Destination): Verdict;
  /** The entries as given, for messages. */
  readonly entries: readonly string[];
}

export type Verdict =
  | { readonly kind: "blocked" }
  /** `path`: the target must stay below this path; null when the whole origin is allowed. */
  | { readonly kind: "allowed"; readonly paths: readonly string[] | null }
  /** A host name that only a network entry can allow: every resolved address must lie in these networks. */
  | { readonly kind: "by-address"; readonly networks: BlockList };

interface OriginEntry {
  /** null: either scheme. */
  readonly protocol: string | null;
  readonly hostname: string;
  /** null: the scheme's default port. */
  readonly port: number | null;
  readonly path: string;
}

/** Parses `--allow` entries. Throws with the entry and a hint when one is wrong. */
export function parseAllowList(entries: readonly string[]): AllowList {
  const origins: OriginEntry[] = [];
  const networks = new BlockList();
  let hasNetworks = false;
  for (const entry of entries) {
    const text = entry.trim();
    if (/^[a-z][a-z0-9+.-]*:\/\//i.test(text)) origins.push(parseUrlEntry(text));
    else if (text.includes("/")) {
      addNetwork(networks, text);
      hasNetworks = true;
    } else origins.push(parseHostEntry(text));
  }
  return {
    entries,
    check(destination) {
      const paths: string[] = [];
      for (const entry of origins) {
        if (!matchesOrigin(entry, destination)) continue;
        if (entry.path === "" || entry.path === "/") return { kind: "allowed", paths: null };
        paths.push(entry.path);
      }
      if (hasNetworks) {
        const address = destination.hostname.replace(/^\[|\]$/g, "");
        if (isIP(address) === 0) {
          if (paths.length === 0) return { kind: "by-address", networks };
        } else if (inNetworks(networks, address)) return { kind: "allowed", paths: null };
      }
      return paths.length > 0 ? { kind: "allowed", paths } : { kind: "blocked" };
    },
  };
}

/** True when a request target cannot leave the path prefix, even at a server that resolves dots and encoded slashes. */
export function staysBelow(target: string, prefix: string): boolean {
  const question = target.indexOf("?");
  const path = question === -1 ? target : target.slice(0, question);
  const base = prefix.endsWith("/") ? prefix.slice(0, -1) : prefix;
  if (path !== base && !path.startsWith(`${base}/`)) return false;
  let depth = 0;
  for (const segment of decodeSeparators(path.slice(base.length)).split("/")) {
    if (segment === "..") depth -= 1;
    else if (segment !== "" && segment !== ".") depth += 1;
    if (depth < 0) return false;
  }
  return true;
}

function decodeSeparators(path: string): string {
  return path
    .replace(/%2e/gi, ".")
    .replace(/%2f|%5c|\\/gi, "/")
    .replace(/;[^/]*/g, "");
}

function matchesOrigin(entry: OriginEntry, destination: Destination): boolean {
  if (entry.protocol !== null && entry.protocol !== destination.protocol) return false;
  if (entry.hostname !== destination.hostname) return false;
  const port = entry.port ?? (destination.protocol === "https:" ? 443 : 80);
  return port === destination.port;
}

function parseUrlEntry(text: string): OriginEntry {
  if (!URL.canParse(text)) throw wrong(text, "is not a URL");
  const url = new URL(text);
  if (url.protocol !== "http:" && url.protocol !== "https:") throw wrong(text, "is not an http or https URL");
  if (url.username !== "" || url.password !== "") throw wrong(text, "has user information");
  if (url.search !== "" || url.hash !== "") throw wrong(text, "has a query or a fragment");
  // Read as an output's destination is, so that the same text names the same path.
  const { protocol, hostname, port, path } = parseDestination(text, false);
  return { protocol, hostname, port, path };
}

function parseHostEntry(text: string): OriginEntry {
  // An IPv6 address without brackets is an address, not a host and a port.
  const authority = isIP(text) === 6 ? `[${text}]` : text;
  const url = URL.canParse(`ws://${authority}`) ? new URL(`ws://${authority}`) : null;
  if (url === null || url.pathname !== "/" || url.username !== "" || url.search !== "" || url.hash !== "") {
    throw wrong(text, "is not host:port");
  }
  const written = /:(\d+)$/.exec(authority)?.[1];
  const port = written === undefined || authority.endsWith("]") ? null : Number(written);
  return { protocol: null, hostname: url.hostname, port, path: "" };
}

function addNetwork(networks: BlockList, text: string): void {
  const [address = "", bits = ""] = text.split("/");
  const family = isIP(address);
  const most = family === 6 ? 128 : 32;
  if (family === 0 || !/^\d{1,3}$/.test(bits) || Number(bits) > most || text.split("/").length !== 2) {
    throw wrong(text, "is not a network");
  }
  networks.addSubnet(address, Number(bits), family === 6 ? "ipv6" : "ipv4");
}

function wrong(entry: string, problem: string): Error {
  return new Error(
    `"${entry}" ${problem}: --allow takes a URL prefix (http://localhost:3000/hooks), host:port (localhost:3000) or a network (10.0.0.0/8)`,
  );
}
