import type { MachineNoise } from "./measure/machine.js";

/** What the project wants of a figure. */
export interface Target {
  readonly text: string;
  /** `ratio` is the ratio to bare fastify, where there is one. */
  reached(value: number, ratio: number | undefined): boolean;
}

/** One measured number of one repeat. */
export interface Figure {
  /** The same in every repeat. */
  readonly name: string;
  readonly value: number;
  readonly unit: string;
  /** Ratio to bare fastify at the same connections in the same repeat. */
  readonly ratio?: number | undefined;
  readonly target?: Target | undefined;
  readonly noise: MachineNoise;
}

/** At least `value`; with `ratio`, that ratio to bare fastify counts instead where the machine is noisy. */
export function atLeast(value: number, ratio?: number): Target {
  return {
    text: `>= ${value.toLocaleString("en")}${ratio === undefined ? "" : ` or ${ratio}x`}`,
    reached: (is, isRatio) => is >= value || (ratio !== undefined && isRatio !== undefined && isRatio >= ratio),
  };
}

/** At least this ratio to bare fastify. */
export function atLeastRatio(ratio: number): Target {
  return { text: `>= ${ratio}x`, reached: (_value, isRatio) => isRatio !== undefined && isRatio >= ratio };
}

/** At most `value`. */
export function atMost(value: number): Target {
  return { text: `<= ${value.toLocaleString("en")}`, reached: (is) => is <= value };
}
