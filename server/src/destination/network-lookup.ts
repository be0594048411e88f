import { type LookupAddress, type LookupOptions, lookup } from "node:dns";
import type { BlockList, LookupFunction } from "node:net";
import { inNetworks } from "./in-networks.js";

/** Code of the error when a name resolves to no allowed address. */
export const BLOCKED_ADDRESS = "ERR_RELAY_BLOCKED_ADDRESS";

/**
 * A DNS lookup for `net.connect` that gives only addresses within the networks: the address that was checked is the address
 * that is connected to, so a name that changes its answer (DNS rebinding) gains nothing.
 */
export function networkLookup(networks: BlockList): LookupFunction {
  return (hostname, options, callback) => {
    const all: LookupOptions & { all: true } = { ...options, all: true };
    lookup(hostname, all, (error, addresses: LookupAddress[]) => {
      if (error !== null) return callback(error, "");
      const allowed = addresses.filter(({ address }) => inNetworks(networks, address));
      const [first] = allowed;
      if (first === undefined) {
        const refusal = new Error(`${hostname} resolves to no allowed address`);
        return callback(Object.assign(refusal, { code: BLOCKED_ADDRESS }), "");
      }
      if (options.all === true) callback(null, allowed);
      else callback(null, first.address, first.family);
    });
  };
}
