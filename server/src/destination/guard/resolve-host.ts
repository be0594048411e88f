import { lookup, Resolver } from "node:dns/promises";

/** All addresses of a host name, IPv4 first. Rejects when there are none. */
export type ResolveHost = (hostname: string) => Promise<readonly string[]>;

export interface ResolverOptions {
  /** Addresses of DNS servers, `127.0.0.1:5353`; absent: those of the system. */
  readonly servers?: readonly string[];
  /** Milliseconds until a server that says nothing is asked again, and the number of times. */
  readonly timeoutMs?: number;
  readonly tries?: number;
}

/**
 * Asks DNS servers for both kinds of addresses. Not the system's resolver: that one takes a thread of four for each
 * question, so that a few names which nobody answers for would hold up everybody else's, and it reads files (`/etc/hosts`)
 * in which a public name has no business.
 */
export function dnsResolver({ servers, timeoutMs = 2_000, tries = 2 }: ResolverOptions = {}): ResolveHost {
  const resolver = new Resolver({ timeout: timeoutMs, tries });
  if (servers !== undefined) resolver.setServers(servers);
  return async (hostname) => {
    const answers = await Promise.allSettled([resolver.resolve4(hostname), resolver.resolve6(hostname)]);
    const addresses = answers.flatMap((answer) => (answer.status === "fulfilled" ? answer.value : []));
    if (addresses.length > 0) return addresses;
    const [ipv4] = answers;
    throw ipv4.status === "rejected" ? ipv4.reason : new Error(`${hostname} has no address`);
  };
}

/** As every other program of this machine resolves it, with its files and search domains: for names that an operator allowed. */
export async function systemResolver(hostname: string): Promise<readonly string[]> {
  return (await lookup(hostname, { all: true })).map(({ address }) => address);
}
