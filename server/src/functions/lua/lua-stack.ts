import { GuestMistake } from "../guest-mistake.js";
import type { GuestAnswer, GuestValue } from "../guest-value.js";
import { LUA_TYPE, type LuaModule } from "./lua-module.js";

/** Bytes that most of what passes fits into. */
const SCRATCH = 1 << 16;

/** Moves values between the host and the stack of a Lua state. */
export class LuaStack {
  readonly #module: LuaModule;
  readonly #lengthAt: number;
  readonly #first: number;
  #scratch: number;
  #scratchSize = SCRATCH;

  constructor(module: LuaModule) {
    this.#module = module;
    this.#lengthAt = module._malloc(4);
    this.#first = module._malloc(SCRATCH);
    this.#scratch = this.#first;
  }

  /** The memory is what it was when this was made. */
  reset(): void {
    this.#scratch = this.#first;
    this.#scratchSize = SCRATCH;
  }

  /** A C string that stays. */
  constant(text: string): number {
    const bytes = Buffer.from(`${text}\0`, "utf8");
    const at = this.#module._malloc(bytes.length);
    this.#module.HEAPU8.set(bytes, at);
    return at;
  }

  /** Puts bytes where Lua can read them until the next call. */
  place(bytes: Uint8Array): number {
    this.#reserve(bytes.length);
    this.#module.HEAPU8.set(bytes, this.#scratch);
    return this.#scratch;
  }

  /** A copy of the string or number at this place of the stack. */
  bytes(state: number, index: number): Uint8Array {
    const at = this.#module._lua_tolstring(state, index, this.#lengthAt);
    const heap = this.#module.HEAPU8;
    const length = new DataView(heap.buffer).getUint32(this.#lengthAt, true);
    return heap.slice(at, at + length);
  }

  argument(state: number, index: number): GuestValue {
    const type = this.#module._lua_type(state, index);
    if (type === LUA_TYPE.string || type === LUA_TYPE.number) return this.bytes(state, index);
    if (type <= LUA_TYPE.nil) return undefined;
    if (type === LUA_TYPE.boolean) return this.#module._lua_toboolean(state, index) === 0 ? "false" : "true";
    const name = type === LUA_TYPE.table ? "a table: pass it through json.encode" : "this value";
    throw new GuestMistake(`takes a string, not ${name}`);
  }

  push(state: number, value: GuestAnswer): void {
    if (value === undefined) this.#module._lua_pushnil(state);
    else if (typeof value === "boolean") this.#module._lua_pushboolean(state, value ? 1 : 0);
    else if (typeof value === "number") this.#module._lua_pushnumber(state, value);
    else this.#pushBytes(state, bytesOf(value));
  }

  #pushBytes(state: number, bytes: Uint8Array): void {
    this.#module._lua_pushlstring(state, this.place(bytes), bytes.length);
  }

  #reserve(size: number): void {
    if (size <= this.#scratchSize) return;
    const at = this.#module._realloc(this.#scratch, size);
    if (at === 0) throw new Error("no memory left for what is handed to Lua");
    this.#scratch = at;
    this.#scratchSize = size;
  }
}

function bytesOf(value: string | Uint8Array | { readonly latin1: string }): Uint8Array {
  if (value instanceof Uint8Array) return value;
  return typeof value === "string" ? Buffer.from(value, "utf8") : Buffer.from(value.latin1, "latin1");
}
