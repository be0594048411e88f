/**
 * How much a deployment spends on surviving and on keeping out. `dev`: cheap, gone with one `pulumi destroy`. `prod`: highly
 * available in one region, keys in hardware, nothing of value is deleted by accident. `locked`: as `prod`, and nothing leaves
 * the network but what agents ask for, with confidential nodes and people let in by name only.
 */
export type Level = "dev" | "prod" | "locked";

export const LEVELS: readonly Level[] = ["dev", "prod", "locked"];
