import type { QuickJSContext, QuickJSHandle, QuickJSRuntime, QuickJSWASMModule } from "quickjs-emscripten-core";
import { FUNCTION_LIMITS } from "../function-limits.js";
import { GuestMistake } from "../guest-mistake.js";
import type { GuestOutcome } from "../guest-outcome.js";
import type { GuestAnswer, GuestValue } from "../guest-value.js";
import type { RunState } from "../run-state.js";
import { RunStopped } from "../run-stopped.js";
import { ALL_WORDS } from "../words/all-words.js";
import { JAVASCRIPT_FILE, javascriptPosition } from "./error-position.js";
import { JAVASCRIPT_PRELUDE } from "./prelude.js";

/** Jobs (steps of promises) between two looks at the clock. */
const JOBS_AT_A_TIME = 256;

/**
 * A JavaScript runtime with all that functions find in it. Its memory is put back after each run: nothing here remembers
 * anything of a run but what `run` sets anew, and nothing is disposed of but for the room that it takes.
 */
export class JavascriptSandbox {
  readonly #runtime: QuickJSRuntime;
  readonly #context: QuickJSContext;
  readonly #request: QuickJSHandle;
  readonly #describe: QuickJSHandle;
  #run: RunState | undefined;
  #deadlineMs = 0;
  #deadlineAt = Number.POSITIVE_INFINITY;
  #stopped: RunStopped | undefined;

  constructor(module: QuickJSWASMModule) {
    this.#runtime = module.newRuntime();
    this.#runtime.setMemoryLimit(FUNCTION_LIMITS.memoryBytes);
    this.#runtime.setMaxStackSize(FUNCTION_LIMITS.stackBytes);
    this.#runtime.setInterruptHandler(() => this.#mustStop());
    const context = this.#runtime.newContext();
    this.#context = context;
    const host = context.newFunction("host", (...args) => this.#serve(args));
    const boot = context.unwrapResult(context.evalCode(JAVASCRIPT_PRELUDE, "relay.js"));
    const found = context.unwrapResult(context.callFunction(boot, context.undefined, host));
    this.#request = context.getProp(found, "r");
    this.#describe = context.getProp(found, "describe");
    for (const handle of [host, boot, found]) handle.dispose();
  }

  /**
   * Evaluates the source; calls `transform(r)` when the source declares such a function. What the last statement or that
   * call gives is waited for when it is a promise, as long as there are steps to do.
   */
  run(source: string, run: RunState, deadlineMs: number): GuestOutcome {
    this.#begin(run, deadlineMs);
    const failed = this.#evaluate(source);
    const stopped = this.#stopped;
    if (stopped !== undefined) return { kind: "failed", reason: stopped.reason, message: stopped.message };
    return failed ?? { kind: "finished" };
  }

  #begin(run: RunState, deadlineMs: number): void {
    this.#run = run;
    this.#stopped = undefined;
    this.#deadlineMs = deadlineMs;
    this.#deadlineAt = performance.now() + deadlineMs;
  }

  #evaluate(source: string): GuestOutcome | undefined {
    const context = this.#context;
    const failed = this.#settle(context.evalCode(source, JAVASCRIPT_FILE));
    if (failed !== undefined || this.#stopped !== undefined) return failed;
    const found = context.evalCode('typeof transform === "function" ? transform : undefined', "relay.js");
    if (found.error) return this.#settle(found);
    try {
      if (context.sameValue(found.value, context.undefined)) return undefined;
      return this.#settle(context.callFunction(found.value, context.undefined, this.#request));
    } finally {
      found.value.dispose();
    }
  }

  /** Does what is left to do of promises, and says how it went; disposes of the result. */
  #settle(result: ReturnType<QuickJSContext["evalCode"]>): GuestOutcome | undefined {
    if (result.error) return this.#tell(result.error);
    const { value } = result;
    try {
      const failed = this.#doJobs();
      if (failed !== undefined || this.#stopped !== undefined) return failed;
      const state = this.#context.getPromiseState(value);
      if (state.type === "rejected") return this.#tell(state.error);
      if (state.type === "pending") {
        return { kind: "failed", reason: "error", message: "the function waits for something that never comes" };
      }
      if (!state.notAPromise) state.value.dispose();
      return undefined;
    } finally {
      value.dispose();
    }
  }

  #doJobs(): GuestOutcome | undefined {
    while (this.#runtime.hasPendingJob()) {
      const done = this.#runtime.executePendingJobs(JOBS_AT_A_TIME);
      if (this.#mustStop()) {
        done.error?.dispose();
        return undefined;
      }
      if (done.error) return this.#tell(done.error);
    }
    return undefined;
  }

  /** Has the guest describe the error that it ended with; disposes of the error. */
  #tell(error: QuickJSHandle): GuestOutcome | undefined {
    const run = this.#run;
    if (this.#stopped !== undefined || run === undefined) {
      error.dispose();
      return undefined;
    }
    this.#context.callFunction(this.#describe, this.#context.undefined, error).dispose();
    error.dispose();
    const told = run.guestError;
    if (told === undefined || told.message === "InternalError: out of memory") {
      return { kind: "failed", reason: "memory", message: outOfMemory(), ...javascriptPosition(told?.stack ?? "") };
    }
    return { kind: "failed", reason: "error", message: told.message, ...javascriptPosition(told.stack) };
  }

  #mustStop(): boolean {
    if (this.#stopped !== undefined) return true;
    if (performance.now() <= this.#deadlineAt + (this.#run?.http.waitedMs ?? 0)) return false;
    this.#stopped = new RunStopped("timeout", `the function ran longer than ${this.#deadlineMs} ms`);
    return true;
  }

  #serve([name, ...handles]: QuickJSHandle[]): QuickJSHandle {
    const context = this.#context;
    try {
      const word = name === undefined ? undefined : ALL_WORDS.get(context.getString(name));
      if (word === undefined || this.#run === undefined) throw new GuestMistake("there is no such word");
      const args = handles.map((handle) => this.#read(handle));
      return this.#write(word(this.#run, args));
    } catch (error) {
      // Thrown by the guest itself, so that the error has a place in its source.
      if (error instanceof GuestMistake) return context.newString(`e${error.message}`);
      const own = new RunStopped("crashed", `the relay could not serve the function: ${kindOf(error)}`);
      this.#stopped ??= error instanceof RunStopped ? error : own;
      return context.newString("estopped");
    }
  }

  #read(handle: QuickJSHandle): GuestValue {
    const context = this.#context;
    const type = context.typeof(handle);
    if (type === "undefined") return undefined;
    if (type === "string") return this.#readText(handle);
    return this.#readBytes(handle);
  }

  #readBytes(handle: QuickJSHandle): Uint8Array {
    let lifetime: ReturnType<QuickJSContext["getArrayBuffer"]>;
    try {
      lifetime = this.#context.getArrayBuffer(handle);
    } catch {
      // Detached, or too large to be copied.
      throw new GuestMistake("these bytes cannot be read");
    }
    const bytes = lifetime.value.slice();
    lifetime.dispose();
    return bytes;
  }

  #readText(handle: QuickJSHandle): string {
    const given = this.#context.getString(handle);
    if (given.startsWith("\u0001")) return String(JSON.parse(given.slice(1)));
    // The interpreter answers "" when it has no memory left to copy a text.
    if (given === "" && lengthOf(this.#context, handle) > 0) throw new RunStopped("memory", outOfMemory());
    return given;
  }

  #write(answer: GuestAnswer): QuickJSHandle {
    const context = this.#context;
    if (answer === undefined) return context.undefined;
    if (typeof answer === "boolean") return answer ? context.true : context.false;
    if (typeof answer === "number") return context.newNumber(answer);
    if (answer instanceof Uint8Array) {
      const copy = new Uint8Array(answer);
      return context.newArrayBuffer(copy.buffer);
    }
    const given = typeof answer === "string" ? answer : answer.latin1;
    if (!given.includes("\0")) return context.newString(`t${given}`);
    if (given.length > FUNCTION_LIMITS.nulTextLength) {
      throw new GuestMistake("this is too long for text with NUL characters in it: read it as bytes");
    }
    return context.newString(`j${JSON.stringify(given)}`);
  }
}

function lengthOf(context: QuickJSContext, handle: QuickJSHandle): number {
  const length = context.getProp(handle, "length");
  const number = context.getNumber(length);
  length.dispose();
  return number;
}

function outOfMemory(): string {
  return `the function needs more than ${FUNCTION_LIMITS.memoryBytes >> 20} MiB of memory`;
}

function kindOf(error: unknown): string {
  return error instanceof Error ? error.name : typeof error;
}
