import ipaddr from "ipaddr.js";

type Family = "ipv4" | "ipv6";

/** Networks that no public destination is in, from the special-purpose registries (RFC 6890) and what came after. */
const SPECIAL: Readonly<Record<Family, readonly (readonly [string, string])[]>> = {
  ipv4: [
    ["0.0.0.0/8", "this network"],
    ["10.0.0.0/8", "a private network"],
    ["100.64.0.0/10", "a carrier's shared network"],
    ["127.0.0.0/8", "this machine"],
    ["169.254.0.0/16", "the local link, where clouds keep their metadata"],
    ["172.16.0.0/12", "a private network"],
    ["192.0.0.0/24", "reserved for protocols"],
    ["192.0.2.0/24", "for documentation"],
    ["192.31.196.0/24", "an anycast service of DNS"],
    ["192.52.193.0/24", "a relay of multicast"],
    ["192.88.99.0/24", "a relay to IPv6"],
    ["192.168.0.0/16", "a private network"],
    ["192.175.48.0/24", "an anycast service of DNS"],
    ["198.18.0.0/15", "for benchmarks"],
    ["198.51.100.0/24", "for documentation"],
    ["203.0.113.0/24", "for documentation"],
    ["224.0.0.0/4", "multicast"],
    ["255.255.255.255/32", "broadcast"],
    ["240.0.0.0/4", "reserved"],
  ],
  ipv6: [
    ["::/128", "this machine"],
    ["::1/128", "this machine"],
    ["::/96", "IPv4 written as IPv6"],
    ["64:ff9b:1::/48", "a translator to IPv4 of this network"],
    ["fc00::/7", "a private network"],
    ["fe80::/10", "the local link"],
    ["fec0::/10", "a private network"],
    ["ff00::/8", "multicast"],
    // Teredo, benchmarks, ORCHID and the like: nothing in there is a web server.
    ["2001::/23", "reserved for protocols"],
    ["2001:db8::/32", "for documentation"],
    ["2002::/16", "IPv4 behind a relay (6to4)"],
    ["2620:4f:8000::/48", "an anycast service of DNS"],
    ["3fff::/20", "for documentation"],
  ],
};

const NETWORKS = {
  ipv4: SPECIAL.ipv4.map(([cidr, what]) => ({ network: ipaddr.IPv4.parseCIDR(cidr), what })),
  ipv6: SPECIAL.ipv6.map(([cidr, what]) => ({ network: ipaddr.IPv6.parseCIDR(cidr), what })),
};

/** All that has been given out for use on the Internet so far (RFC 4291, IANA's registry of IPv6 global unicast). */
const GLOBAL_UNICAST = ipaddr.IPv6.parseCIDR("2000::/3");

/** The prefix by which a network translates to IPv4 (RFC 6052): with DNS64, an IPv4 destination has only such an address. */
const NAT64 = ipaddr.IPv6.parseCIDR("64:ff9b::/96");

/**
 * Why an address is not one of the public Internet, as the end of "… is" ("a private network"), or undefined when it is
 * one. An IPv4 address within an IPv6 one, as mapped (`::ffff:10.0.0.1`) or for a translator (`64:ff9b::a00:1`), is judged as
 * itself: that is where the connection would go.
 */
export function whyNotPublic(address: string): string | undefined {
  // A zone (`fe80::1%eth0`) makes an address one of a link.
  if (address.includes("%")) return "the local link";
  if (!ipaddr.isValid(address)) return "no address";
  const parsed = ipaddr.parse(address);
  if (parsed instanceof ipaddr.IPv4) return whyNotPublicIpv4(parsed);
  const inside = embeddedIpv4(parsed);
  if (inside !== undefined) return whyNotPublicIpv4(inside);
  const special = NETWORKS.ipv6.find(({ network }) => parsed.match(network));
  if (special !== undefined) return special.what;
  return parsed.match(GLOBAL_UNICAST) && parsed.range() === "unicast" ? undefined : "reserved";
}

function whyNotPublicIpv4(address: ipaddr.IPv4): string | undefined {
  const special = NETWORKS.ipv4.find(({ network }) => address.match(network));
  if (special !== undefined) return special.what;
  // The library's own table, should a network be missing in this one.
  return address.range() === "unicast" ? undefined : "reserved";
}

/** The IPv4 address that a connection to this one ends at, where it is written within. */
export function embeddedIpv4(address: ipaddr.IPv6): ipaddr.IPv4 | undefined {
  if (address.isIPv4MappedAddress()) return address.toIPv4Address();
  return address.match(NAT64) ? new ipaddr.IPv4(address.toByteArray().slice(12)) : undefined;
}
