import fc from "fast-check";
import { KEYS, type Key, OUTPUT_NAMES, type OutputName } from "./delivery-outputs.js";
import type { Behaviour } from "./fault-menu.js";

/** What happens to two servers, their database and the destinations. `server` is 0 or 1. */
export type FaultStep =
  | {
      readonly kind: "post";
      readonly bucket: "stored" | "ephemeral";
      readonly server: number;
      readonly keys: readonly Key[];
    }
  | { readonly kind: "become"; readonly output: OutputName; readonly behaviour: Behaviour }
  | { readonly kind: "kill"; readonly server: number }
  /** For longer than its lease. */
  | { readonly kind: "freeze"; readonly server: number }
  | { readonly kind: "cut-database" }
  | { readonly kind: "resend" }
  /** The wall clock of a server is set: from then on it is off by so much. */
  | { readonly kind: "set-clock"; readonly server: number; readonly offsetMs: number }
  /** Lets things happen for a while. */
  | { readonly kind: "pass"; readonly ms: number };

const BEHAVIOURS = [
  "ok",
  "slow",
  "status-503",
  "status-404",
  "reset",
  "hang-before-headers",
  "retry-after-seconds",
  "redirect",
] as const;

const server = fc.integer({ min: 0, max: 1 });
const post = fc.record({
  kind: fc.constant("post" as const),
  bucket: fc.oneof(
    { weight: 4, arbitrary: fc.constant("stored" as const) },
    { weight: 1, arbitrary: fc.constant("ephemeral" as const) },
  ),
  server,
  keys: fc.array(fc.constantFrom(...KEYS), { minLength: 1, maxLength: 12 }),
});
const step: fc.Arbitrary<FaultStep> = fc.oneof(
  { weight: 8, arbitrary: post },
  {
    weight: 8,
    arbitrary: fc.record({
      kind: fc.constant("become" as const),
      output: fc.constantFrom(...OUTPUT_NAMES),
      behaviour: fc.constantFrom(...BEHAVIOURS),
    }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant("kill" as const), server }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("freeze" as const), server }) },
  { weight: 2, arbitrary: fc.constant({ kind: "cut-database" as const }) },
  { weight: 2, arbitrary: fc.constant({ kind: "resend" as const }) },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant("set-clock" as const),
      server,
      offsetMs: fc.constantFrom(-300_000, -5_000, -50, 0, 50, 5_000, 300_000),
    }),
  },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant("pass" as const), ms: fc.integer({ min: 10, max: 300 }) }) },
);

/** The same steps for the same seed: some of everything, in an order of its own. */
export function faultSteps(seed: number, count: number): readonly FaultStep[] {
  const [steps = []] = fc.sample(fc.array(step, { minLength: count, maxLength: count, size: "max" }), {
    seed,
    numRuns: 1,
  });
  return steps;
}
