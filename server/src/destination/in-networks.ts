import { type BlockList, isIP } from "node:net";

/** True when an address literal lies in one of the networks; IPv4 written as IPv6 counts as IPv4. */
export function inNetworks(networks: BlockList, address: string): boolean {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1];
  if (mapped !== undefined) return networks.check(mapped, "ipv4");
  return networks.check(address, isIP(address) === 6 ? "ipv6" : "ipv4");
}
