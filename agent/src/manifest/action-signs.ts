import type { ChangeAction } from "@relay/provider-schema";

/** How a change is marked. */
export const ACTION_SIGNS: Readonly<Record<ChangeAction, string>> = {
  create: "+",
  update: "~",
  replace: "-/+",
  delete: "-",
  adopt: "<=",
};
