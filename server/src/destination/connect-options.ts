import type { LookupAddress } from "node:dns";
import { isIP, type TcpNetConnectOpts } from "node:net";

const NEXT_ADDRESS_AFTER_MS = 300;

/** Options of `net.connect` for these addresses: each is tried in turn (RFC 8305), and no name is resolved. */
export function connectOptions(addresses: readonly string[], port: number): TcpNetConnectOpts {
  const [first] = addresses;
  if (first === undefined) throw new Error("there is no address to connect to");
  if (addresses.length < 2) return { host: first, port };
  const all: LookupAddress[] = addresses.map((address) => ({ address, family: isIP(address) }));
  return {
    // No address, so that Node asks the lookup, which knows them all.
    host: "vetted.invalid",
    port,
    autoSelectFamily: true,
    autoSelectFamilyAttemptTimeout: NEXT_ADDRESS_AFTER_MS,
    lookup: (_hostname, options, callback) => {
      if (options.all === true) callback(null, all);
      else callback(null, first, isIP(first));
    },
  };
}
