import type { Input, Output } from "../catalog/model.js";

/** True when webhooks of the input or output pass through a function. */
export function hasFunction({ settings }: Input | Output): boolean {
  return typeof settings.function === "string" && settings.function !== "";
}
