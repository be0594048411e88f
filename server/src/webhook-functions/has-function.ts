import type { Cron, Input, Output } from "../catalog/model.js";

/** True when webhooks of the input, output or cron pass through a function. */
export function hasFunction({ settings }: Input | Output | Cron): boolean {
  return typeof settings.function === "string" && settings.function !== "";
}
