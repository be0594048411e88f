import type { Input, Output } from "../catalog/model.js";

/** Whose answer the senders of an input get. */
export interface ResponsePolicy {
  /** Id or name of an output; undefined: of any, whoever is first. */
  readonly output: string | undefined;
  /** How long a sender waits for it. */
  readonly timeoutMs: number;
}

/** Any output, as the public API writes it. */
export const ANY_OUTPUT = "anyOutput";

const DEFAULT_TIMEOUT_SECONDS = 10;

const policies = new WeakMap<Input, { readonly policy: ResponsePolicy | undefined }>();

/** Undefined when senders do not wait for a destination. Made once for each state of an input. */
export function responsePolicy(input: Input): ResponsePolicy | undefined {
  let known = policies.get(input);
  if (known === undefined) {
    known = { policy: policyOf(input) };
    policies.set(input, known);
  }
  return known.policy;
}

/** Whether the output's answer is one that the policy waits for. */
export function mayAnswer({ output }: ResponsePolicy, { id, name }: Pick<Output, "id" | "name">): boolean {
  return output === undefined || output === id || output === name;
}

function policyOf({ settings }: Input): ResponsePolicy | undefined {
  const { response_from_output: output, response_timeout: seconds } = settings;
  if (typeof output !== "string" || output === "") return undefined;
  return {
    output: output === ANY_OUTPUT ? undefined : output,
    timeoutMs: Number(seconds ?? DEFAULT_TIMEOUT_SECONDS) * 1_000,
  };
}
