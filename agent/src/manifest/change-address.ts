import { objectAddress, type PlannedChange } from "@relay/provider-schema";
import { escapedText } from "../render/escaped-text.js";

/** Such as `input/github/push`, to be shown. */
export function changeAddress(change: PlannedChange): string {
  return escapedText(objectAddress(change));
}
