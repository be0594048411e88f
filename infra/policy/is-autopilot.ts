import type { Resource } from "./core/resource.js";
import { valueAt } from "./core/value-at.js";

/** Whether a cluster is one of Autopilot, which makes many choices itself, safely, and refuses to be told. */
export function isAutopilot({ props }: Resource): boolean {
  return valueAt(props, "enableAutopilot") === true;
}
