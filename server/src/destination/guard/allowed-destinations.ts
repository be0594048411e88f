import ipaddr from "ipaddr.js";
import { embeddedIpv4 } from "./public-address.js";

/** What an operator lets servers call beside the public Internet. */
export interface AllowedDestinations {
  /** Whether a host may be called whatever its addresses are. */
  host(hostname: string): boolean;
  address(address: string): boolean;
  readonly hasNetworks: boolean;
}

type Network = [ipaddr.IPv4 | ipaddr.IPv6, number];

/** What an entry may be, for messages. */
export const ALLOWED_DESTINATION_WORDS =
  "networks (10.0.0.0/8), addresses or host names (hooks.internal, *.corp.example), comma-separated";

/** Whether a text is an entry of the list. */
export function isAllowedDestination(entry: string): boolean {
  return network(entry) !== undefined || hostPattern(entry) !== undefined;
}

/** Reads the list. Entries that mean nothing are left out: the configuration has been checked before. */
export function allowedDestinations(entries: readonly string[]): AllowedDestinations {
  const networks: Network[] = [];
  const hosts = new Set<string>();
  for (const entry of entries) {
    const found = network(entry);
    if (found !== undefined) networks.push(found);
    else hosts.add(hostPattern(entry) ?? "");
  }
  return {
    hasNetworks: networks.length > 0,
    host(hostname) {
      const name = withoutDot(hostname);
      if (name === "") return false;
      if (hosts.has(name)) return true;
      for (let dot = name.indexOf("."); dot !== -1; dot = name.indexOf(".", dot + 1)) {
        if (hosts.has(`*${name.slice(dot)}`)) return true;
      }
      return false;
    },
    address(address) {
      if (!ipaddr.isValid(address)) return false;
      const parsed = ipaddr.parse(address);
      const inside = parsed instanceof ipaddr.IPv6 ? embeddedIpv4(parsed) : undefined;
      return [parsed, ...(inside === undefined ? [] : [inside])].some((one) =>
        networks.some(([base, bits]) => one.kind() === base.kind() && one.match(base, bits)),
      );
    },
  };
}

function network(entry: string): Network | undefined {
  const [address = "", bits, ...rest] = entry.split("/");
  if (rest.length > 0 || !(ipaddr.IPv4.isValidFourPartDecimal(address) || ipaddr.IPv6.isValid(address)))
    return undefined;
  const parsed = ipaddr.parse(address);
  const most = parsed.kind() === "ipv4" ? 32 : 128;
  if (bits === undefined) return [parsed, most];
  return /^\d{1,3}$/.test(bits) && Number(bits) <= most ? [parsed, Number(bits)] : undefined;
}

function hostPattern(entry: string): string | undefined {
  const name = withoutDot(entry);
  return /^(\*\.)?([a-z0-9_]([a-z0-9_-]*[a-z0-9])?\.)*[a-z0-9_]*[a-z][a-z0-9_-]*$/.test(name) ? name : undefined;
}

function withoutDot(name: string): string {
  return name.toLowerCase().replace(/\.$/, "");
}
