import { isIP } from "node:net";
import type { NetworkInterfaceInfo } from "node:os";

export interface CertificateHostsOptions {
  readonly hostname: string;
  /** PUBLIC_URL, or empty. */
  readonly publicUrl: string;
  readonly listenAddress: string;
  /** What `os.networkInterfaces()` says. */
  readonly interfaces: Readonly<Record<string, readonly NetworkInterfaceInfo[] | undefined>>;
}

/** What a certificate can hold as a name: letters, digits, hyphens, and the underscore that host names of containers have. */
const DNS_NAME = /^[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?(\.[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?)*$/i;

/**
 * Names and addresses under which agents and senders reach this server, for a certificate of our own: the host name, the
 * host of PUBLIC_URL, and the address it listens on; when that is every address, the machine's addresses.
 */
export function certificateHosts(options: CertificateHostsOptions): string[] {
  const hosts = [options.hostname, ...publicHost(options.publicUrl), ...addresses(options)];
  return [...new Set(hosts)].filter((host) => isIP(host) !== 0 || DNS_NAME.test(host));
}

function publicHost(publicUrl: string): string[] {
  return publicUrl === "" ? [] : [new URL(publicUrl).hostname.replace(/^\[|\]$/g, "")];
}

function addresses({ listenAddress, interfaces }: CertificateHostsOptions): string[] {
  if (listenAddress !== "0.0.0.0" && !isEveryV6(listenAddress)) return [listenAddress];
  return Object.values(interfaces)
    .flatMap((each) => each ?? [])
    .filter(({ family }) => family === "IPv4" || listenAddress !== "0.0.0.0")
    .map(({ address }) => address)
    .filter((address) => !isLinkLocal(address));
}

function isEveryV6(address: string): boolean {
  return isIP(address) === 6 && /^[0:]+$/.test(address);
}

/** fe80::/10: means something only together with an interface, which a certificate cannot say. */
function isLinkLocal(address: string): boolean {
  return /^fe[89ab]/i.test(address);
}
