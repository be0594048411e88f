import type { Level } from "../config/level.js";
import { REQUIRED } from "../config/setting.js";
import { SETTINGS } from "../config/settings.js";
import { PRICES, type Price } from "./price-list.js";

const HOURS = 730;
/** Keys that encrypt (infra/keys.ts); one more signs. */
const ENCRYPTING_KEYS = 7;

/** A line of the bill: with a price that has been read, or with where to look it up. */
export type CostItem =
  | {
      readonly kind: "priced";
      readonly what: string;
      readonly quantity: number;
      readonly price: Price;
      readonly usd: number;
    }
  | { readonly kind: "unpriced"; readonly what: string; readonly lookUp: string };

/** What a level costs in its first month at its defaults, with the least nodes and nothing sent. */
export function monthlyCost(level: Level): CostItem[] {
  const nodes = of("nodesMin", level);
  const machine = of("nodeMachineType", level);
  const disk = of("databaseDiskGb", level);
  // A regional instance is two: the one that answers, and the one that waits.
  const instances = level === "dev" ? 1 : 2;
  const [, cpus = "", megabytes = ""] = /^db-custom-(\d+)-(\d+)$/.exec(of("databaseTier", level)) ?? [];
  const gigabytes = Number(megabytes) / 1024;
  const hourly = (what: string, count: number, price: Price) => priced(what, count * HOURS, price);
  const keys =
    level === "dev"
      ? [priced(`${ENCRYPTING_KEYS + 1} keys in software`, ENCRYPTING_KEYS + 1, PRICES.softwareKey)]
      : [
          priced(`${ENCRYPTING_KEYS} keys in hardware`, ENCRYPTING_KEYS, PRICES.hardwareKey),
          priced("1 signing key in hardware", 1, PRICES.hardwareSigningKey),
        ];
  return [
    hourly("Cluster", 1, PRICES.cluster),
    unpriced(
      `${nodes} × ${machine}${level === "locked" ? ", confidential" : ""}`,
      "cloud.google.com/compute/vm-instance-pricing",
    ),
    unpriced(`${nodes} × 50 GB of boot disk`, "cloud.google.com/compute/disks-image-pricing"),
    hourly(`Database: ${instances} × ${cpus} vCPU`, instances * Number(cpus), PRICES.sqlCpu),
    hourly(`Database: ${instances} × ${gigabytes} GB of memory`, instances * gigabytes, PRICES.sqlMemory),
    unpriced(`Database: ${instances} × ${disk} GB of SSD, and its backups`, "cloud.google.com/sql/pricing"),
    hourly("Load balancer", 1, PRICES.forwardingRules),
    unpriced("Cloud Armor: 3 policies and their rules, and requests", "cloud.google.com/armor/pricing"),
    hourly(`NAT: nodes (${nodes})`, nodes, PRICES.natNode),
    hourly(`NAT: addresses (${of("natAddresses", level)})`, of("natAddresses", level), PRICES.natAddress),
    ...keys,
    ...(level === "dev" ? [] : [unpriced("Backup for GKE", "cloud.google.com/kubernetes-engine/pricing")]),
    unpriced("Logs and metrics", "cloud.google.com/stackdriver/pricing"),
    unpriced("What is sent and received", "cloud.google.com/vpc/network-pricing"),
  ];
}

/** The sum of the lines that have a price. */
export function sumOf(items: readonly CostItem[]): number {
  return items.reduce((sum, item) => sum + (item.kind === "priced" ? item.usd : 0), 0);
}

function of<K extends "nodesMin" | "nodeMachineType" | "databaseDiskGb" | "databaseTier" | "natAddresses">(
  key: K,
  level: Level,
) {
  const value = SETTINGS[key].defaults[level];
  if ((value as unknown) === REQUIRED) throw new Error(`${key} has no default in ${level}.`);
  return value as Exclude<(typeof SETTINGS)[K]["defaults"][Level], typeof REQUIRED>;
}

function priced(what: string, quantity: number, price: Price): CostItem {
  // To the cent, so that what is shown adds up.
  return { kind: "priced", what, quantity, price, usd: Math.round(quantity * price.usd * 100) / 100 };
}

function unpriced(what: string, lookUp: string): CostItem {
  return { kind: "unpriced", what, lookUp };
}
