import wasmoon from "wasmoon";

/** Lua's C interface as it is exported: pointers and numbers, bytes in its memory. */
export interface LuaModule {
  readonly HEAPU8: Uint8Array;
  addFunction(f: (...args: number[]) => number | undefined, signature: string): number;
  _malloc(size: number): number;
  _free(pointer: number): void;
  _realloc(pointer: number, size: number): number;
  _lua_newstate(allocate: number, data: number): number;
  _lua_sethook(state: number, hook: number, mask: number, count: number): void;
  _lua_pushcclosure(state: number, f: number, values: number): void;
  _lua_pushlstring(state: number, from: number, length: number): number;
  _lua_pushboolean(state: number, value: number): void;
  _lua_pushnumber(state: number, value: number): void;
  _lua_pushnil(state: number): void;
  _lua_setglobal(state: number, name: number): void;
  _lua_settop(state: number, top: number): void;
  _lua_rotate(state: number, from: number, by: number): void;
  _lua_gettop(state: number): number;
  _lua_type(state: number, index: number): number;
  _lua_toboolean(state: number, index: number): number;
  _lua_tolstring(state: number, index: number, length: number): number;
  _lua_pcallk(state: number, args: number, results: number, handler: number, context: number, next: number): number;
  _luaL_loadbufferx(state: number, from: number, length: number, name: number, mode: number): number;
  _luaopen_base(state: number): number;
  _luaopen_coroutine(state: number): number;
  _luaopen_table(state: number): number;
  _luaopen_string(state: number): number;
  _luaopen_utf8(state: number): number;
  _luaopen_math(state: number): number;
}

/** Lua's own numbers for the types of values. */
export const LUA_TYPE = { nil: 0, boolean: 1, number: 3, string: 4, table: 5, function: 6 } as const;

/** What calls answer: all went well, out of memory. Others are errors of the program. */
export const LUA_STATUS = { ok: 0, outOfMemory: 4 } as const;

/** Event mask of a hook that is called every so many instructions. */
export const LUA_HOOK_COUNT = 8;

/** Loads an interpreter of its own, with a memory of its own. */
export async function loadLuaModule(): Promise<LuaModule> {
  const { module } = await wasmoon.LuaWasm.initialize();
  return module as unknown as LuaModule;
}
