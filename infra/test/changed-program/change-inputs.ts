import * as pulumi from "@pulumi/pulumi";
import { type Inputs, setAt } from "../support/mutate-inventory.js";
import { CHANGED_INPUTS, type ChangedInputs } from "./changed-inputs.js";

const { type, name, set } = JSON.parse(process.env[CHANGED_INPUTS] ?? "{}") as Partial<ChangedInputs>;

pulumi.runtime.registerStackTransformation(({ type: of, name: called, props, opts }) => {
  if (of !== type || called !== name) return undefined;
  const inputs: Inputs = { ...props };
  for (const [path, value] of Object.entries(set ?? {})) setAt(inputs, path, value);
  return { props: inputs, opts };
});
