import { BlockList, isIP } from "node:net";

/** What an address is read from: a request of HTTP, or a call of gRPC in its place. */
export interface Forwarded {
  readonly socket: { readonly remoteAddress?: string | undefined };
  readonly headers: { readonly [name: string]: string | string[] | undefined };
}

/** The sender's address, as text. */
export type ClientAddress = (request: Forwarded) => string;

/**
 * The peer's address; behind proxies of the given CIDRs the nearest address in `X-Forwarded-For` that is not one of
 * them. Whatever a stranger writes into that header is ignored. Throws on a CIDR that is none.
 */
export function clientAddress(trustedProxies: readonly string[]): ClientAddress {
  if (trustedProxies.length === 0) return (request) => plain(request.socket.remoteAddress ?? "");
  const trusted = new BlockList();
  for (const cidr of trustedProxies) {
    const [network = "", bits] = cidr.split("/");
    const family = isIP(network) === 6 ? "ipv6" : "ipv4";
    if (isIP(network) === 0 || (bits !== undefined && !/^\d{1,3}$/.test(bits)))
      throw new Error(`TRUSTED_PROXIES: "${cidr}" is not an address or CIDR, e.g. 10.0.0.0/8`);
    trusted.addSubnet(network, Number(bits ?? (family === "ipv6" ? 128 : 32)), family);
  }
  const isTrusted = (address: string) => {
    const family = isIP(address);
    return family !== 0 && trusted.check(address, family === 6 ? "ipv6" : "ipv4");
  };
  return (request) => {
    const peer = plain(request.socket.remoteAddress ?? "");
    if (!isTrusted(peer)) return peer;
    const forwarded = request.headers["x-forwarded-for"];
    const hops = (Array.isArray(forwarded) ? forwarded.join(",") : (forwarded ?? ""))
      .split(",")
      .map((hop) => hop.trim());
    for (let i = hops.length - 1; i >= 0; i -= 1) {
      const hop = hops[i] ?? "";
      if (isIP(hop) === 0) break;
      if (!isTrusted(hop)) return hop;
    }
    return peer;
  };
}

/** IPv4 in IPv6 clothes (`::ffff:192.0.2.1`) as plain IPv4. */
function plain(address: string): string {
  return address.startsWith("::ffff:") && address.includes(".") ? address.slice(7) : address;
}
