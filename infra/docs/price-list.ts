/** Prices of Google's public list, in US dollars, each with where it was read. Only what has been read is here. */
export interface Price {
  readonly usd: number;
  /** What it is for: "vCPU and hour". */
  readonly unit: string;
  readonly source: string;
}

/** The region that the sources quote. Others differ; europe-west3 costs more. */
export const REGION = "us-central1 (Iowa)";

/** Where the prices were read, and when. */
export const SOURCES = {
  gke: "cloud.google.com/kubernetes-engine/pricing, from a copy that has no date; the fee is the same since June 2020",
  kms: "cloud.google.com/kms/pricing, prices effective since 2025-03-17",
  loadBalancing: "cloud.google.com/load-balancing/pricing, as read on 2026-09-20",
  nat: "cloud.google.com/nat/pricing and cloud.google.com/vpc/network-pricing, as read on 2026-10-16",
  sql: "cloud.google.com/sql/pricing, as quoted in May 2026 by usage.ai/blogs/gcp/cloud-sql/pricing",
} as const;

export const PRICES = {
  cluster: { usd: 0.1, unit: "cluster and hour", source: SOURCES.gke },
  forwardingRules: { usd: 0.025, unit: "hour, for up to five forwarding rules", source: SOURCES.loadBalancing },
  natNode: { usd: 0.0014, unit: "node and hour", source: SOURCES.nat },
  natAddress: { usd: 0.005, unit: "address and hour", source: SOURCES.nat },
  softwareKey: { usd: 0.06, unit: "active key version and month", source: SOURCES.kms },
  hardwareKey: { usd: 1, unit: "active key version and month", source: SOURCES.kms },
  hardwareSigningKey: { usd: 2.5, unit: "active key version and month", source: SOURCES.kms },
  sqlCpu: { usd: 0.0413, unit: "vCPU and hour", source: SOURCES.sql },
  sqlMemory: { usd: 0.007, unit: "GB and hour", source: SOURCES.sql },
} as const satisfies Record<string, Price>;
