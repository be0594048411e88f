import type { GuestAnswer, GuestValue } from "../guest-value.js";
import type { RunState } from "../run-state.js";

/**
 * One thing that a guest can ask its host for: text and bytes in, text and bytes out. Throws a GuestMistake when it is
 * asked wrongly, a RunStopped when the run passed a limit.
 */
export type Word = (run: RunState, args: readonly GuestValue[]) => GuestAnswer;
