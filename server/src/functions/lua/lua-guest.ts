import type { FunctionCall } from "../function-call.js";
import type { Guest } from "../guest.js";
import type { GuestOutcome } from "../guest-outcome.js";
import type { RunState } from "../run-state.js";
import { RunStopped } from "../run-stopped.js";
import { LuaMachine } from "./lua-machine.js";

/** A memory that grew by more than this, in bytes, is given up when another bucket comes: it would all have to be erased. */
const KEPT_GROWTH = 16 << 20;

/** Lua 5.4. Each run starts in the same memory, byte for byte; what another bucket left there is erased. */
export class LuaGuest implements Guest {
  #machine: LuaMachine | undefined;
  #used = false;
  #bucketId: string | undefined;

  async prepare(): Promise<void> {
    if (this.#machine === undefined) {
      this.#machine = await LuaMachine.load();
      // Touches every page once, so that the first change of buckets does not.
      this.#machine.restore("all");
      this.#bucketId = undefined;
    } else if (this.#used) this.#machine.restore("in use");
    this.#used = false;
  }

  async run(call: FunctionCall, run: RunState, deadlineMs: number): Promise<GuestOutcome> {
    const machine = await this.#readyFor(call.bucketId);
    this.#used = true;
    try {
      return machine.run(call.source, run, deadlineMs);
    } catch (error) {
      // It left the interpreter by the emergency exit: nothing in that memory is to be relied on any more.
      this.#machine = undefined;
      if (error instanceof RunStopped) return { kind: "failed", reason: error.reason, message: error.message };
      if (error instanceof RangeError) return { kind: "failed", reason: "error", message: "stack overflow" };
      return { kind: "failed", reason: "crashed", message: "the Lua interpreter gave up on this function" };
    }
  }

  async #readyFor(bucketId: string): Promise<LuaMachine> {
    const changed = this.#bucketId !== undefined && this.#bucketId !== bucketId;
    if (changed && this.#machine !== undefined) {
      if (this.#machine.grown > KEPT_GROWTH) this.#machine = undefined;
      else this.#machine.restore("all");
    }
    await this.prepare();
    this.#bucketId = bucketId;
    return this.#machine ?? LuaMachine.load();
  }
}
