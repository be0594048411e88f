const METADATA = new Set([
  "metadata",
  "metadata.goog",
  "metadata.google.internal",
  "metadata.azure.internal",
  "instance-data",
  "instance-data.ec2.internal",
  "metadata.tencentyun.com",
  "metadata.packet.net",
  "metadata.platformequinix.com",
  "rancher-metadata",
]);

const LOCAL_SUFFIXES = ["localdomain", "local", "internal", "lan", "home.arpa", "intranet", "corp"];

/**
 * Why a host name (canonical, no address) is refused before anybody is asked for its addresses, as the end of "… is"; or
 * undefined. These mean this machine, its cloud's metadata, or an address in a spelling that some resolver reads.
 */
export function whyPrivateName(hostname: string): string | undefined {
  const name = withoutDots(hostname);
  if (name === "") return "empty";
  if (name === "localhost" || name.endsWith(".localhost")) return "this machine";
  if (METADATA.has(name)) return "a metadata service";
  const last = name.slice(name.lastIndexOf(".") + 1);
  return /^(\d+|0x[0-9a-f]*)$/.test(last) ? "no host name" : undefined;
}

/**
 * Why a name can have no public address, likewise: nobody may register it, or a resolver would complete it by a search
 * domain. Where networks are allowed, its addresses tell instead.
 */
export function whyLocalName(hostname: string): string | undefined {
  const name = withoutDots(hostname);
  if (!name.includes(".")) return "a name of this network only";
  return LOCAL_SUFFIXES.some((suffix) => name.endsWith(`.${suffix}`)) ? "a name of private networks" : undefined;
}

function withoutDots(hostname: string): string {
  return hostname.toLowerCase().replace(/\.+$/, "");
}
