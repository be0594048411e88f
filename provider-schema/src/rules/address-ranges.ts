import { BlockList, isIP } from "node:net";

/** A set of networks and addresses. */
export interface AddressRanges {
  /** False for what is no IP address. An IPv4-mapped IPv6 address is the IPv4 address. */
  has(address: string): boolean;
}

/** Reads `10.0.0.0/8 2001:db8::/32 192.0.2.7`, separated by spaces or commas; or returns the first entry that is none. */
export function addressRanges(text: string): AddressRanges | { readonly wrong: string } {
  const list = new BlockList();
  const entries = rangeEntries(text);
  if (entries.length === 0) return { wrong: "" };
  for (const entry of entries) {
    const [address = "", bits, ...rest] = entry.split("/");
    const version = isIP(address);
    const most = version === 4 ? 32 : 128;
    const prefix = bits === undefined ? most : /^\d{1,3}$/.test(bits) ? Number(bits) : Number.NaN;
    if (version === 0 || rest.length > 0 || !(prefix <= most) || address.includes("%")) return { wrong: entry };
    list.addSubnet(address, prefix, version === 4 ? "ipv4" : "ipv6");
  }
  return {
    has: (address) => {
      const version = isIP(address);
      return version !== 0 && list.check(address, version === 4 ? "ipv4" : "ipv6");
    },
  };
}

/** The entries of an `ip-range`. */
export function rangeEntries(text: string): string[] {
  return text.split(/[\s,]+/).filter((entry) => entry !== "");
}
