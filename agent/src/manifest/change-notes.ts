import type { PlannedChange } from "@relay/provider-schema";
import { escapedText } from "../render/escaped-text.js";

/** What people must know of a change besides its attributes. */
export function changeNotes({ action, attributes, managedBy, undelivered }: PlannedChange): string[] {
  const notes: string[] = [];
  const manager = managedBy === "" ? "people" : escapedText(managedBy ?? "");
  if (action === "adopt") notes.push(`taken over from ${manager}`);
  else if (managedBy !== undefined) notes.push(`until now managed by ${manager}`);
  const forcing = attributes.filter(({ replaces }) => replaces === true).map(({ path }) => escapedText(path));
  if (action === "replace" && forcing.length > 0) notes.push(`replaced because of ${forcing.join(", ")}`);
  if (undelivered !== undefined && undelivered > 0) {
    notes.push(`${undelivered} undelivered ${undelivered === 1 ? "webhook is" : "webhooks are"} lost`);
  }
  return notes;
}
