import type { FunctionDriver } from "../../src/functions/function-call.js";

export interface Escape {
  readonly name: string;
  readonly driver: FunctionDriver;
  /** Body of a function that returns what it got hold of, or nothing. */
  readonly code: string;
}

const js = (name: string, code: string): Escape => ({ name, driver: "js", code });
const lua = (name: string, code: string): Escape => ({ name, driver: "lua", code });

/** Finds anything of a host from a function that makes functions. */
const HOST =
  "typeof process !== 'undefined' ? process : typeof global !== 'undefined' ? global : typeof std !== 'undefined' ? std : typeof os !== 'undefined' ? os : undefined";

/** Ways out that people have found in sandboxes of JavaScript and Lua: ours leads nowhere on any of them. */
export const ESCAPE_CORPUS: readonly Escape[] = [
  js("names of the host", `return ${HOST}`),
  js("constructor of a function of ours", `return r.setBody.constructor("return ${HOST}")()`),
  js("constructor chain of console", `return console.log.constructor.constructor("return ${HOST}")()`),
  js(
    "constructor of a value from the host",
    `return r.headerValues("x-twice").constructor.constructor("return ${HOST}")()`,
  ),
  js("constructor of bytes from the host", `return r.bodyBytes.buffer.constructor.constructor("return ${HOST}")()`),
  js(
    "constructor of an error from the host",
    `try { r.setHeader("a b", "c") } catch (e) { return e.constructor.constructor("return ${HOST}")() }`,
  ),
  js(
    "constructor of an error of the stack",
    `const f = () => { try { f() } catch (e) { throw e } }; try { f() } catch (e) { return e.constructor.constructor("return ${HOST}")() }`,
  ),
  js("indirect eval", `return (0, eval)("${HOST}")`),
  js(
    "constructor of async functions",
    `let got; (async () => {}).constructor("set", "set(${HOST})")((v) => { got = v }); return got`,
  ),
  js("constructor of generators", `return (function* () {}).constructor("yield ${HOST}")().next().value`),
  js(
    "constructor of async generators",
    `let got; (async function* () {}).constructor("set", "set(${HOST})")((v) => { got = v }).next(); return got`,
  ),
  js(
    "traces with call sites",
    `Error.prepareStackTrace = (_, sites) => sites; const s = new Error("x").stack; if (typeof s !== "string") { const t = s.map?.((c) => c.getThis?.()).find((x) => x !== undefined && x !== globalThis); return t }`,
  ),
  js(
    "caller and arguments",
    `const f = function () { return f.caller ?? f.arguments?.callee?.caller }; const c = f(); if (c && c.name === "host") return c`,
  ),
  js("import", `let got; import("node:fs").then((m) => { got = m }, () => {}); return got`),
  js(
    "require of the host",
    `for (const name of ["fs", "node:fs", "child_process", "module", "__proto__", "constructor"]) { try { return require(name) } catch {} }`,
  ),
  js(
    "species of arrays",
    `class A extends Array { static get [Symbol.species]() { return function (n) { return { length: n, host: ${HOST} } } } }; return new A(1).map((x) => x).host`,
  ),
  js(
    "traps of proxies around what is given",
    `let got; r.setResponseHeader("x", String(new Proxy({}, { get: (t, k, p) => { got ??= k === "host" ? p : undefined; return () => "s" } }))); return got`,
  ),
  js(
    "getters on what is given",
    `let calls = 0; const evil = { toString() { calls++; return "x" }, get length() { calls++; return 1e9 }, toJSON() { calls++; return ${HOST} } }; try { r.setBody(evil) } catch {} return calls > 0 ? "called" : undefined`,
  ),
  js(
    "prototypes of what is read back",
    `Object.prototype.kind = "failed"; Object.prototype.request = 1; Object.prototype.stopped = true; Array.prototype.toJSON = () => "x"; String.prototype.toString = () => "x"; return undefined`,
  ),
  js(
    "setters on global prototypes",
    `let got; Object.defineProperty(Object.prototype, "value", { set(v) { got = v }, configurable: true }); try { r.headerValues("x") } catch {} delete Object.prototype.value; return typeof got === "function" ? got : undefined`,
  ),
  js(
    "species of promises",
    `let got; class P extends Promise { static get [Symbol.species]() { return function (f) { f((v) => { got = v }, () => {}) } } }; P.resolve(1).then(() => {}); return typeof got === "object" ? got : undefined`,
  ),
  js(
    "shared memory",
    `if (typeof SharedArrayBuffer === "function" && typeof Atomics === "object") { const a = new Int32Array(new SharedArrayBuffer(4)); Atomics.wait(a, 0, 0, 1) } return undefined`,
  ),
  js(
    "detached and resized bytes",
    `const b = new ArrayBuffer(8, { maxByteLength: 16 }); b.resize?.(16); b.transfer?.(); try { r.setResponseBody(b) } catch {} r.setResponseBody("x"); return undefined`,
  ),
  js(
    "views beyond their memory",
    `const u = new Uint8Array(new ArrayBuffer(8), 4); Object.defineProperty(u, "byteLength", { value: 1e6 }); Object.defineProperty(u, "byteOffset", { value: -4 }); r.setResponseBody(u); return undefined`,
  ),
  js("high-resolution clock", `return typeof performance !== "undefined" ? performance : undefined`),
  js(
    "timers, network, workers",
    `return [typeof setTimeout, typeof fetch, typeof WebAssembly, typeof Worker, typeof XMLHttpRequest, typeof queueMicrotask === "x"].find((t) => t === "function" || t === "object")`,
  ),
  js(
    "the finalizer",
    `if (typeof FinalizationRegistry === "function") new FinalizationRegistry(() => {}).register({}, 1); return undefined`,
  ),
  lua("libraries of the host", `return io or os or package or debug or ffi or jit`),
  lua("load", `return load or loadstring or loadfile or dofile or (string.dump and "dump")`),
  lua("collector", `return collectgarbage`),
  lua(
    "require of libraries",
    `for _, name in ipairs({ "io", "os", "debug", "package", "ffi", "js", "__index" }) do local ok, got = pcall(require, name) if ok then return got end end`,
  ),
  lua(
    "metatable of strings",
    `local mt = getmetatable("") for name in pairs(mt.__index) do if name == "dump" then return name end end mt.__index = nil mt.__concat = function() return "x" end`,
  ),
  lua(
    "metatables of ours",
    `local mt = getmetatable(r) or getmetatable(r.RequestHeader) if type(mt) == "table" then return mt end`,
  ),
  lua("raw access to ours", `return rawget(r, "host") or rawget(_G, "host") or next(r)`),
  lua(
    "environment of a function",
    `local _ENV = setmetatable({}, { __index = _G }) return js or process or getfenv or setfenv`,
  ),
  lua(
    "coroutines around the host",
    `local co = coroutine.wrap(function() coroutine.yield(r.RequestBody) return os end) co() return co()`,
  ),
  lua(
    "yield across the host",
    `local ok, got = pcall(coroutine.wrap(function() return setmetatable({}, { __index = function() coroutine.yield(1) end }).x end)) if type(got) == "userdata" then return got end`,
  ),
  lua(
    "error objects",
    `local ok, e = pcall(error, setmetatable({}, { __tostring = function() return os end })) return type(e) == "userdata" and e or nil`,
  ),
  lua(
    "to be closed and collected",
    `local t <close> = setmetatable({}, { __close = function() end, __gc = function() while true do end end }) return nil`,
  ),
  lua("compiled code as source", `return load and load("\\27Lua") or nil`),
  lua(
    "formats",
    `local ok = pcall(string.format, "%99999d", 1) local s = string.format("%p", print) if s:find("0x") and ok then return s end`,
  ),
  lua(
    "packing sizes",
    `pcall(string.unpack, "i16", ("x"):rep(3)) pcall(string.pack, "!16s4", ("x"):rep(10)) return string.rep and nil`,
  ),
];

/** The function that tries an escape and tells in the body of the answer what it got. */
export function escapeSource({ driver, code }: Escape): string {
  if (driver === "js") {
    return `let got; try { got = (function () { ${code} })() } catch {}
r.setResponseBody(got === undefined || got === null ? "nothing" : "got " + typeof got);`;
  }
  return `local ok, got = pcall(function() ${code} end)
r:SetResponseBody((not ok or got == nil) and "nothing" or ("got " .. type(got)))`;
}
