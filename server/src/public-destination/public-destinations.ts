import { createSecureContext } from "node:tls";
import { PublicDestination, type PublicDestinationOptions } from "./public-destination.js";
import type { PublicOutput } from "./public-output.js";

/** The destinations of all public outputs that this server has called, by output. */
export interface PublicDestinations {
  /** The destination of an output as it is configured now; connections stay when only other things changed. */
  of(output: PublicOutput & { readonly id: string }): PublicDestination;
  /** Closes the destination of an output that is gone. */
  forget(outputId: string): void;
  close(): void;
}

export function createPublicDestinations(options: Omit<PublicDestinationOptions, "sharedTls">): PublicDestinations {
  const sharedTls = createSecureContext();
  const destinations = new Map<string, PublicDestination>();
  return {
    of(output) {
      const known = destinations.get(output.id);
      if (known !== undefined) {
        known.configure(output);
        return known;
      }
      const made = new PublicDestination(output, { ...options, sharedTls });
      destinations.set(output.id, made);
      return made;
    },
    forget(outputId) {
      destinations.get(outputId)?.close();
      destinations.delete(outputId);
    },
    close() {
      for (const destination of destinations.values()) destination.close();
      destinations.clear();
    },
  };
}
