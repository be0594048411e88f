/**
 * What a JavaScript function finds: `r`, `cfg`, `console`, `require`, `crypto`, `time`, `http`. Made inside the guest, out of this
 * text: no object of the host is within its reach, only one function that takes and gives text and bytes, and that one
 * is known to nobody but the closures below.
 *
 * Text passes as C strings, which end at the first NUL: text that has one passes as JSON, behind a \u0001. What the host
 * answers begins with t (text), j (text as JSON) or e (a mistake, to be thrown here, so that it has a place in the source).
 */
export const JAVASCRIPT_PRELUDE = String.raw`(function (host) {
"use strict";
const { parse, stringify } = JSON, { isView } = ArrayBuffer, uncurry = Function.prototype.bind.bind(Function.prototype.call);
const indexOf = uncurry(String.prototype.indexOf), slice = uncurry(String.prototype.slice);
const split = uncurry(String.prototype.split), lower = uncurry(String.prototype.toLowerCase), cut = uncurry(ArrayBuffer.prototype.slice);
const TypedError = TypeError, Bytes = Uint8Array, Text = String, Buffer = ArrayBuffer;
const out = (value) => {
  if (typeof value === "string") {
    return value !== "" && (indexOf(value, "\0") !== -1 || value[0] === "\x01") ? "\x01" + stringify(value) : value;
  }
  if (value === undefined || value === null) return undefined;
  if (isView(value)) return cut(value.buffer, value.byteOffset, value.byteOffset + value.byteLength);
  if (typeof value !== "object" && typeof value !== "function") return Text(value);
  if (value instanceof Buffer) return value;
  throw new TypedError("takes a string or bytes, not " + (typeof value) + "; of a value, pass JSON.stringify(value)");
};
const call = (word, a, b, c, d) => {
  const answer = host(word, out(a), out(b), out(c), out(d));
  if (typeof answer !== "string") return answer;
  const rest = slice(answer, 1);
  if (answer[0] === "t") return rest;
  if (answer[0] === "j") return parse(rest);
  throw new TypedError(rest);
};
const bytes = (word, a, b, c, d) => new Bytes(call(word, a, b, c, d));
const list = (word, a) => parse(call(word, a));
const names = () => { const all = call("headerNames"); return all === "" ? [] : split(all, "\n"); };
let headers, query, formData, metadata, over, overHeaders;
const answerHeaders = (lines) => {
  const values = { __proto__: null };
  for (let at = 0; at < lines.length; at++) {
    const name = lower(lines[at][0]);
    values[name] = name in values ? values[name] + ", " + lines[at][1] : lines[at][1];
  }
  return new Proxy(values, { get: (of, name) => typeof name === "string" ? of[lower(name)] : undefined });
};
const ended = () => over ??= list("outcome");
const headerMap = () => headers ??= new Proxy({ __proto__: null }, {
  get: (_, name) => typeof name === "string" ? call("header", name) : undefined,
  has: (_, name) => typeof name === "string" && call("header", name) !== undefined,
  set: (_, name, value) => (call("setHeader", name, value), true),
  deleteProperty: (_, name) => (call("deleteHeader", name), true),
  ownKeys: names,
  getOwnPropertyDescriptor: (_, name) => {
    const value = typeof name === "string" ? call("header", name) : undefined;
    return value === undefined ? undefined : { value, writable: true, enumerable: true, configurable: true };
  },
});
const r = {
  get method() { return call("method"); },
  set method(value) { call("setMethod", value); },
  get path() { return call("path"); },
  set path(value) { call("setPath", value); },
  get rawQuery() { return call("rawQuery"); },
  set rawQuery(value) { call("setRawQuery", value); },
  get body() { return call("bodyText"); },
  set body(value) { call("setBody", value); },
  get bodyBytes() { return bytes("bodyBytes"); },
  get headers() { return headerMap(); },
  get query() { return query ??= list("query"); },
  get formData() { return formData ??= list("formData"); },
  get metadata() { return metadata ??= list("metadata"); },
  get outcome() { return ended().outcome; },
  get attempts() { return ended().attempts; },
  get durationMs() { return ended().durationMs; },
  get error() { return ended().error; },
  get responseStatus() { return ended().responseStatus; },
  get responseHeaders() { return ended().outcome && (overHeaders ??= answerHeaders(list("responseHeaders"))); },
  get responseBody() { return call("responseBodyText"); },
  get responseBodyBytes() { const body = call("responseBody"); return body && new Bytes(body); },
  get Outcome() { return r.outcome; },
  get ResponseStatusCode() { return r.responseStatus; },
  get ResponseHeader() { return r.responseHeaders; },
  get ResponseBody() { return r.responseBody; },
  get RequestMethod() { return call("method"); },
  get RequestPath() { return call("path"); },
  get RequestRawQuery() { return call("rawQuery"); },
  get RequestBody() { return call("bodyText"); },
  get RequestHeader() { return headerMap(); },
  get RequestHeaders() { return headerMap(); },
  get RequestQuery() { return r.query; },
  get RequestFormData() { return r.formData; },
  get Metadata() { return r.metadata; },
  headerValues: (name) => list("headerValues", name),
  setMethod: (value) => { call("setMethod", value); },
  setPath: (value) => { call("setPath", value); },
  setRawQuery: (value) => { call("setRawQuery", value); },
  setBody: (value) => { call("setBody", value); },
  setHeader: (name, value) => { call("setHeader", name, value); },
  deleteHeader: (name) => { call("deleteHeader", name); },
  setResponseStatus: (status) => { call("setResponseStatus", status); },
  setResponseBody: (value) => { call("setResponseBody", value); },
  setResponseHeader: (name, value) => { call("setResponseHeader", name, value); },
  stopForwarding: () => { call("stopForwarding"); },
};
r.SetMethod = r.SetRequestMethod = r.setRequestMethod = r.setMethod;
r.SetPath = r.SetRequestPath = r.setRequestPath = r.setPath;
r.SetRawQuery = r.SetRequestRawQuery = r.setRequestRawQuery = r.setRawQuery;
r.SetBody = r.SetRequestBody = r.setRequestBody = r.setBody;
r.SetHeader = r.SetRequestHeader = r.setRequestHeader = r.setHeader;
r.DeleteHeader = r.DeleteRequestHeader = r.deleteRequestHeader = r.deleteHeader;
r.SetResponseStatus = r.SetResponseStatusCode = r.setResponseStatusCode = r.setResponseStatus;
r.SetResponseBody = r.setResponseBody;
r.SetResponseHeader = r.setResponseHeader;
r.StopForwarding = r.stopForwarding;
const variable = (name) => call("variable", name);
const show = (value) => {
  if (typeof value === "string") return value;
  try { return (typeof value === "object" ? stringify(value) : undefined) ?? Text(value); } catch { return "[object]"; }
};
const logger = (level) => (...values) => {
  let line = "";
  for (let at = 0; at < values.length; at++) line += (at === 0 ? "" : " ") + show(values[at]);
  call("log", level, line);
};
const hash = (name) => (data, raw) => raw ? bytes("hash", name, data, true) : call("hash", name, data);
const crypto = {
  md5: hash("md5"), sha1: hash("sha1"), sha256: hash("sha256"), sha384: hash("sha384"), sha512: hash("sha512"),
  crc32: (data) => call("crc32", data),
  hmac: (name, data, key, raw) => raw ? bytes("hmac", name, data, key, true) : call("hmac", name, data, key),
  base64Encode: (data) => call("base64Encode", data),
  base64Decode: (data) => call("base64DecodeText", data),
  base64DecodeBytes: (data) => bytes("base64Decode", data),
  hexEncode: (data) => call("hexEncode", data),
  hexDecodeBytes: (data) => bytes("hexDecode", data),
  equal: (left, right) => call("equal", left, right),
  encrypt: (data, key) => call("encrypt", data, key),
  decrypt: (data, key) => call("decryptText", data, key),
  decryptBytes: (data, key) => bytes("decrypt", data, key),
};
crypto.base64_encode = crypto.base64Encode;
crypto.base64_decode = crypto.base64Decode;
crypto.hex_encode = crypto.hexEncode;
const time = {
  unix: () => Math.floor(call("now")),
  unixMilli: () => Math.floor(call("now") * 1000),
  format: (seconds, layout) => call("formatTime", seconds, layout),
  parse: (value) => call("parseTime", value),
};
time.unix_milli = time.unixMilli;
const request = (method, url, options) => {
  const { query, headers, timeout, body } = options ?? {};
  const { at, status, headers: lines } = parse(call("httpRequest", method, url, stringify({ query, headers, timeout }), body));
  return {
    status, statusCode: status, status_code: status, headers: answerHeaders(lines),
    get body() { return call("httpBodyText", at); },
    get bodyBytes() { return bytes("httpBody", at); },
  };
};
const http = { request };
for (const method of ["get", "post", "put", "patch", "delete"]) {
  http[method] = (url, options) => request(method, url, options);
}
const modules = { __proto__: null, crypto, time, http, json: { encode: stringify, decode: parse, stringify, parse } };
const globals = {
  r, crypto, time, http,
  cfg: { get: variable, getValue: variable, GetValue: variable, Get: variable },
  console: {
    debug: logger("debug"), log: logger("info"), info: logger("info"), warn: logger("warn"), error: logger("error"),
  },
  require: (name) => {
    const found = modules[Text(name)];
    if (found !== undefined) return found;
    throw new TypedError("there is no module " + Text(name) + "; there are crypto, http, json and time");
  },
};
Math.random = () => call("random");
for (const name in globals) {
  Object.defineProperty(globalThis, name, { value: globals[name], writable: true, enumerable: false, configurable: true });
}
return {
  r,
  describe: (error) => {
    let message = "", stack = "";
    try {
      if (typeof error === "object" && error !== null && typeof error.message === "string") {
        message = (typeof error.name === "string" && error.name !== "" ? error.name + ": " : "") + error.message;
        stack = Text(error.stack);
      } else message = show(error);
    } catch {}
    call("failed", slice(message, 0, 2000), slice(stack, 0, 8000));
  },
};
})`;
