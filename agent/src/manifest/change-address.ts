import type { PlannedChange } from "@relay/provider-schema";
import { escapedText } from "../render/escaped-text.js";

/** Such as `input/github/push`: what `--adopt` takes. A slash in a name is `%2F`, a percent sign `%25`. */
export function changeAddress({ resource, path }: Pick<PlannedChange, "resource" | "path">): string {
  const steps = path.map((name) => name.replaceAll("%", "%25").replaceAll("/", "%2F"));
  return [resource, ...steps].map(escapedText).join("/");
}
