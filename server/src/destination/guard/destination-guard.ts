import { isIP } from "node:net";
import type { AllowedDestinations } from "./allowed-destinations.js";
import { BlockedDestinationError } from "./blocked-destination-error.js";
import { whyLocalName, whyPrivateName } from "./private-name.js";
import { whyNotPublic } from "./public-address.js";
import { dnsResolver, type ResolveHost, systemResolver } from "./resolve-host.js";

/**
 * Which hosts a server calls for people who may not reach its network themselves (server-side request forgery, OWASP ASVS
 * 1.3.6). A name is resolved once, every address it has must be public, and the connection goes to one of the very
 * addresses that were looked at: an answer that changes in between (DNS rebinding) changes nothing.
 */
export interface DestinationGuard {
  /** Why a host can never be called, judged by its spelling alone; undefined when its addresses will tell. */
  refusal(hostname: string): string | undefined;
  /** The addresses to connect to. Rejects with `BlockedDestinationError`, or with the resolver's error. */
  vet(hostname: string): Promise<readonly string[]>;
}

export interface GuardOptions {
  readonly allowed: AllowedDestinations;
  /** How public names are resolved, and how those that `allowed` has by name are. */
  readonly resolve?: ResolveHost;
  readonly resolveAllowed?: ResolveHost;
}

const HINT = "a server calls public addresses only, unless PUBLIC_DESTINATION_ALLOW has the host or its network";
const MOST_ADDRESSES = 64;

export function createDestinationGuard(options: GuardOptions): DestinationGuard {
  const { allowed, resolve = dnsResolver(), resolveAllowed = systemResolver } = options;

  /** Of an address: why it may not be connected to. */
  const addressRefusal = (address: string): string | undefined =>
    allowed.address(address) ? undefined : whyNotPublic(address);

  const nameRefusal = (hostname: string): string | undefined =>
    whyPrivateName(hostname) ?? (allowed.hasNetworks ? undefined : whyLocalName(hostname));

  const refusal = (text: string): string | undefined => {
    const hostname = canonicalHost(text);
    if (hostname === undefined) return `${text} is no host`;
    if (allowed.host(hostname)) return undefined;
    const why = isIP(hostname) === 0 ? nameRefusal(hostname) : addressRefusal(hostname);
    return why === undefined ? undefined : `${hostname} is ${why}: ${HINT}`;
  };

  return {
    refusal,
    async vet(text) {
      const refused = refusal(text);
      if (refused !== undefined) throw new BlockedDestinationError(refused);
      const hostname = canonicalHost(text) ?? text;
      if (isIP(hostname) !== 0) return [hostname];
      const trusted = allowed.host(hostname);
      const addresses = [...new Set(await (trusted ? resolveAllowed(hostname) : resolve(hostname)))];
      // An empty address would be taken for this machine's own.
      if (addresses.length === 0) throw Object.assign(new Error(`${hostname} has no address`), { code: "ENODATA" });
      if (trusted) return addresses;
      if (addresses.length > MOST_ADDRESSES)
        throw new BlockedDestinationError(`${hostname} resolves to more than ${MOST_ADDRESSES} addresses`);
      for (const address of addresses) {
        const why = addressRefusal(address);
        if (why !== undefined)
          throw new BlockedDestinationError(`${hostname} resolves to ${address}, which is ${why}: ${HINT}`);
      }
      return addresses;
    },
  };
}

/**
 * A host as the URL standard writes it: addresses of every spelling (`2130706433`, `0x7f.1`, `0177.0.0.1`, `127.1.`) in their
 * usual one, names in lower case and in ASCII, IPv6 without brackets. Undefined when it is no host.
 */
function canonicalHost(text: string): string | undefined {
  const authority = isIP(text) === 6 ? `[${text}]` : text;
  if (/[/?#@\\\s]/.test(authority) || /^[^[]*:/.test(authority) || !URL.canParse(`http://${authority}`))
    return undefined;
  return new URL(`http://${authority}`).hostname.replace(/^\[|\]$/g, "");
}
