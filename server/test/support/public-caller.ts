import { randomUUID } from "node:crypto";
import { createSecureContext } from "node:tls";
import { allowedDestinations } from "../../src/destination/guard/allowed-destinations.js";
import { createDestinationGuard } from "../../src/destination/guard/destination-guard.js";
import { dnsResolver } from "../../src/destination/guard/resolve-host.js";
import { parseOutboundProxy } from "../../src/destination/outbound-proxy.js";
import { PublicDestination } from "../../src/public-destination/public-destination.js";
import type { PublicOutput } from "../../src/public-destination/public-output.js";
import type { PublicWebhook } from "../../src/public-destination/public-webhook.js";

export interface CallerOptions {
  readonly output: Partial<PublicOutput> & Pick<PublicOutput, "destination">;
  /** Absent: loopback, where the destinations of tests are. */
  readonly allow?: readonly string[];
  /** Address of a DNS server. */
  readonly dns?: string;
  readonly proxy?: string;
  readonly concurrency?: number;
  readonly wallClock?: () => number;
}

export function publicOutput(output: CallerOptions["output"]): PublicOutput {
  return {
    name: "crm",
    lockPath: false,
    headers: {},
    timeoutSeconds: 0,
    tlsVerification: false,
    settings: {},
    secrets: {},
    ...output,
  };
}

/** A public destination as the server makes it, which trusts what the test says. */
export function publicCaller(options: CallerOptions): PublicDestination {
  const { output, allow = ["127.0.0.0/8"], dns, proxy, concurrency = 10, wallClock = Date.now } = options;
  return new PublicDestination(publicOutput(output), {
    guard: createDestinationGuard({
      allowed: allowedDestinations(allow),
      ...(dns === undefined ? {} : { resolve: dnsResolver({ servers: [dns], timeoutMs: 300, tries: 1 }) }),
    }),
    proxy: proxy === undefined ? null : (parseOutboundProxy(proxy) ?? null),
    sharedTls: createSecureContext(),
    concurrency,
    now: () => performance.now(),
    wallClock,
  });
}

/** A webhook of one delivery, its first attempt. */
export function publicWebhook(webhook: Partial<PublicWebhook> = {}): PublicWebhook {
  return {
    webhookId: randomUUID(),
    deliveryId: randomUUID(),
    attempt: 1,
    bucketName: "shop",
    inputName: "orders",
    outputName: "crm",
    method: "POST",
    path: "",
    query: "",
    hasQuery: false,
    headers: ["Content-Type", "application/json"],
    body: Buffer.from('{"order":1}'),
    ...webhook,
  };
}
