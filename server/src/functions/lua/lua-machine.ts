import { FUNCTION_LIMITS } from "../function-limits.js";
import { GuestMistake } from "../guest-mistake.js";
import type { GuestOutcome } from "../guest-outcome.js";
import { MemoryImage } from "../memory-image.js";
import type { RunState } from "../run-state.js";
import { RunStopped } from "../run-stopped.js";
import { ALL_WORDS } from "../words/all-words.js";
import { LUA_CHUNK, luaPosition } from "./error-position.js";
import { LUA_JSON_SOURCE } from "./json-source.js";
import { LUA_HOOK_COUNT, LUA_STATUS, LUA_TYPE, type LuaModule, loadLuaModule } from "./lua-module.js";
import { LuaStack } from "./lua-stack.js";
import { LUA_PRELUDE } from "./prelude.js";

/** Instructions between two looks at the clock. */
const INSTRUCTIONS_AT_A_TIME = 1_000;

/** Of the basic functions: what reads files, takes compiled code (its checks are none), or steers the collector. */
const REMOVED = ["collectgarbage", "dofile", "load", "loadfile", "warn"];

/** An interpreter of Lua with its memory. Libraries io, os, package and debug are never opened. */
export class LuaMachine {
  readonly #module: LuaModule;
  readonly #stack: LuaStack;
  readonly #image: MemoryImage;
  readonly #allocate: number;
  readonly #hook: number;
  readonly #host: number;
  readonly #chunkName: number;
  readonly #ownName: number;
  readonly #textOnly: number;
  readonly #libraries: readonly (readonly [open: (state: number) => number, name: number])[];
  readonly #removed: readonly number[];
  readonly #state: number;
  readonly #heldAtStart: number;
  #held = 0;
  #run: RunState | undefined;
  #deadlineMs = 0;
  #deadlineAt = Number.POSITIVE_INFINITY;

  static async load(): Promise<LuaMachine> {
    return new LuaMachine(await loadLuaModule());
  }

  constructor(module: LuaModule) {
    this.#module = module;
    this.#stack = new LuaStack(module);
    this.#allocate = module.addFunction((_data, at = 0, old = 0, size = 0) => this.#reallocate(at, old, size), "iiiii");
    this.#hook = module.addFunction(() => this.#look(), "vii");
    this.#host = module.addFunction((state = 0) => this.#serve(state), "ii");
    this.#chunkName = this.#stack.constant(LUA_CHUNK);
    this.#ownName = this.#stack.constant("=relay");
    this.#textOnly = this.#stack.constant("t");
    this.#libraries = [
      [module._luaopen_base, 0],
      [module._luaopen_coroutine, this.#stack.constant("coroutine")],
      [module._luaopen_table, this.#stack.constant("table")],
      [module._luaopen_string, this.#stack.constant("string")],
      [module._luaopen_utf8, this.#stack.constant("utf8")],
      [module._luaopen_math, this.#stack.constant("math")],
    ];
    this.#removed = REMOVED.map((name) => this.#stack.constant(name));
    this.#state = this.#newState();
    this.#heldAtStart = this.#held;
    this.#image = new MemoryImage(() => module.HEAPU8);
  }

  /** Bytes that a run was given more than the memory had. */
  get grown(): number {
    return this.#image.grown;
  }

  /** Puts the memory back to before anybody ran in it: what Lua has in use, or every byte. */
  restore(what: "in use" | "all"): void {
    this.#held = this.#heldAtStart;
    this.#stack.reset();
    if (what === "all") this.#image.restoreAll();
    else this.#image.restore();
  }

  /** Runs the source, then `transform(r)` when it declares such a function. Throws when the interpreter must not go on. */
  run(source: string, run: RunState, deadlineMs: number): GuestOutcome {
    const state = this.#state;
    this.#run = run;
    this.#deadlineMs = deadlineMs;
    this.#deadlineAt = performance.now() + deadlineMs;
    // On the stack is what the prelude left: a function that begins a run, and under it one that finds `transform`.
    let status = this.#module._lua_pcallk(state, 0, 0, 0, 0, 0);
    if (status === LUA_STATUS.ok) status = this.#loadText(state, source, this.#chunkName);
    if (status === LUA_STATUS.ok) status = this.#module._lua_pcallk(state, 0, 0, 0, 0, 0);
    if (status === LUA_STATUS.ok) status = this.#transform(state);
    const outcome = status === LUA_STATUS.ok ? ({ kind: "finished" } as const) : this.#tell(state, status, source);
    return outcome;
  }

  #transform(state: number): number {
    const module = this.#module;
    const status = module._lua_pcallk(state, 0, 2, 0, 0, 0);
    if (status !== LUA_STATUS.ok || module._lua_type(state, -2) !== LUA_TYPE.function) return status;
    return module._lua_pcallk(state, 1, 0, 0, 0, 0);
  }

  #tell(state: number, status: number, source: string): GuestOutcome {
    if (status === LUA_STATUS.outOfMemory) {
      const message = `the function needs more than ${FUNCTION_LIMITS.memoryBytes >> 20} MiB of memory`;
      return { kind: "failed", reason: "memory", message };
    }
    const type = this.#module._lua_type(state, -1);
    const plain = type === LUA_TYPE.string || type === LUA_TYPE.number;
    const told = plain
      ? Buffer.from(this.#stack.bytes(state, -1)).toString("utf8")
      : "the function raised a value that is no text";
    const { text, place } = luaPosition(told.slice(0, 2_000), source);
    return { kind: "failed", reason: "error", message: text, ...place };
  }

  #newState(): number {
    const module = this.#module;
    const state = module._lua_newstate(this.#allocate, 0);
    for (const [open, name] of this.#libraries) {
      open(state);
      if (name === 0) module._lua_settop(state, 0);
      else module._lua_setglobal(state, name);
    }
    for (const name of this.#removed) {
      module._lua_pushnil(state);
      module._lua_setglobal(state, name);
    }
    this.#boot(state, LUA_JSON_SOURCE, { host: false, results: 1 });
    this.#boot(state, LUA_PRELUDE, { host: true, results: 2 });
    module._lua_sethook(state, this.#hook, LUA_HOOK_COUNT, INSTRUCTIONS_AT_A_TIME);
    return state;
  }

  /** Runs a text of ours, with what is on the stack and the host's function as its arguments; leaves its results there. */
  #boot(state: number, source: string, { host, results }: { readonly host: boolean; readonly results: number }): void {
    const module = this.#module;
    const given = module._lua_gettop(state);
    if (host) module._lua_pushcclosure(state, this.#host, 0);
    let status = this.#loadText(state, source, this.#ownName);
    module._lua_rotate(state, 1, 1);
    const args = host ? given + 1 : given;
    if (status === LUA_STATUS.ok) status = module._lua_pcallk(state, args, results, 0, 0, 0);
    if (status !== LUA_STATUS.ok) {
      throw new Error(`Lua did not start: ${Buffer.from(this.#stack.bytes(state, -1)).toString("utf8")}`);
    }
  }

  #loadText(state: number, source: string, name: number): number {
    const bytes = Buffer.from(source, "utf8");
    return this.#module._luaL_loadbufferx(state, this.#stack.place(bytes), bytes.length, name, this.#textOnly);
  }

  /** Lua's allocator (lua_Alloc): counts what is held, and refuses beyond the limit. */
  #reallocate(at: number, old: number, size: number): number {
    const before = at === 0 ? 0 : old;
    if (size === 0) {
      this.#held -= before;
      this.#module._free(at);
      return 0;
    }
    if (size > before && this.#held + size - before > FUNCTION_LIMITS.memoryBytes) return 0;
    const moved = this.#module._realloc(at, size);
    if (moved !== 0) this.#held += size - before;
    return moved;
  }

  /** Called every so many instructions. What it throws passes every `pcall`: the interpreter is not used again. */
  #look(): undefined {
    if (performance.now() <= this.#deadlineAt + (this.#run?.http.waitedMs ?? 0)) return;
    throw new RunStopped("timeout", `the function ran longer than ${this.#deadlineMs} ms`);
  }

  #serve(state: number): number {
    const name = Buffer.from(this.#stack.bytes(state, 1)).toString("utf8");
    const word = ALL_WORDS.get(name);
    const answer = this.#attempt(() => {
      if (word === undefined || this.#run === undefined) throw new GuestMistake("there is no such word");
      const args = Array.from({ length: this.#module._lua_gettop(state) - 1 }, (_, at) => {
        return this.#stack.argument(state, at + 2);
      });
      return word(this.#run, args);
    });
    this.#module._lua_pushboolean(state, answer.ok ? 1 : 0);
    this.#stack.push(state, answer.value);
    return 2;
  }

  #attempt<T>(ask: () => T): { ok: true; value: T } | { ok: false; value: string } {
    try {
      return { ok: true, value: ask() };
    } catch (error) {
      if (!(error instanceof GuestMistake)) throw error;
      return { ok: false, value: error.message };
    }
  }
}
