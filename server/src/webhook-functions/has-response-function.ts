import type { Output } from "../catalog/model.js";

/** True when a function runs after deliveries to the output. */
export function hasResponseFunction({ settings }: Output): boolean {
  return typeof settings.response_function === "string" && settings.response_function !== "";
}
