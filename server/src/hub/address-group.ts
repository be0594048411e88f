import { isIPv6 } from "node:net";

/**
 * Who an address belongs to, for fair shares: an IPv4 address is one party, of IPv6 it is the /64, which anybody gets whole
 * (RFC 6177). IPv4 in IPv6 clothes counts as IPv4. Text that is no address is a party of its own.
 */
export function addressGroup(address: string): string {
  if (!isIPv6(address)) return address;
  const bare = address.replace(/%.*$/, "").toLowerCase();
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/.exec(bare);
  if (mapped?.[1] !== undefined) return mapped[1];
  const [before = "", after] = bare.split("::");
  const left = before === "" ? [] : before.split(":");
  // Only the first four of eight parts matter; a dotted quad at the end stands for two.
  const right = after === undefined || after === "" ? [] : after.replace(/\d+(\.\d+){3}$/, "0:0").split(":");
  const zeros = after === undefined ? 0 : 8 - left.length - right.length;
  const parts = [...left, ...Array<string>(zeros).fill("0"), ...right];
  const prefix = parts.slice(0, 4).map((part) => Number.parseInt(part, 16).toString(16));
  return `${prefix.join(":")}::/64`;
}
