import { afterAll, describe, expect, it } from "vitest";
import { FunctionRunner } from "../src/functions/function-runner.js";
import { bodyOf, done, functionCall, responseOf } from "./support/function-call.js";

const runner = new FunctionRunner({ workers: 2, deadlineMs: 10_000 });
afterAll(() => runner.stop());

const js = (source: string, over = {}) => runner.run(functionCall(source, over));
const lua = (source: string, over = {}) => runner.run(functionCall(source, { driver: "lua", ...over }));
const texts = async (result: ReturnType<typeof js>) => done(await result).logs.map((line) => line.text);

describe("a function in JavaScript", () => {
  it("reads every part of the request", async () => {
    const seen = texts(
      js(`for (const part of [r.method, r.path, r.rawQuery, r.body, r.headers["content-TYPE"], r.headers["X-Twice"],
        r.headerValues("x-twice"), Object.keys(r.headers), r.query, r.metadata.bucket_name, r.bodyBytes.length,
        r.headers.missing, "x-twice" in r.headers]) console.log(part)`),
    );
    expect(await seen).toEqual([
      "POST",
      "/in",
      "a=1&b=two%20words",
      '{"id":7,"name":"Zoë"}',
      "application/json",
      "first, second",
      '["first","second"]',
      '["Content-Type","X-Twice"]',
      '{"a":"1","b":"two words"}',
      "orders",
      "22",
      "undefined",
      "true",
    ]);
  });

  it("changes every part, by methods, by assignment and by the longer names", async () => {
    const result = done(
      await js(`r.setMethod("put"); r.path = "new path/ü?#"; r.SetRequestRawQuery("?q=ä b"); r.SetRequestBody("new");
        r.setHeader("x-twice", "once"); r.headers["X-New"] = 1; delete r.headers["content-type"];`),
    );
    expect(result.request).toMatchObject({
      method: "PUT",
      path: "/new%20path/%C3%BC%3F%23",
      rawQuery: "q=%C3%A4%20b",
      headers: [
        ["x-twice", "once"],
        ["X-New", "1"],
      ],
    });
    expect(bodyOf(result)).toBe("new");
    expect(result.modified).toEqual({ method: true, path: true, rawQuery: true, headers: true, body: true });
  });

  it("answers, stops, reads variables, and logs by level", async () => {
    const result = await js(
      `r.setResponseStatus(202); r.setResponseHeader("X-A", cfg.get("KEY")); r.setResponseBody(new Uint8Array([65, 0, 66]));
       r.stopForwarding(); console.warn("careful", { a: [1] }, cfg.get("none"))`,
      { variables: { KEY: "value" } },
    );
    expect(responseOf(result)).toEqual({ status: 202, body: "A\0B" });
    expect(done(result)).toMatchObject({ stopped: true, response: { headers: [["X-A", "value"]] } });
    expect(done(result).logs).toEqual([{ level: "warn", text: 'careful {"a":[1]} undefined' }]);
  });

  it("is called when it only declares transform, and waited for when that is asynchronous", async () => {
    expect(bodyOf(await js(`function transform(r) { r.setBody("called") }`))).toBe("called");
    expect(bodyOf(await js(`const transform = async (r) => { await null; await 1; r.setBody("later") }`))).toBe(
      "later",
    );
    expect(bodyOf(await js(`(async () => { await null; r.setBody("last statement") })()`))).toBe("last statement");
  });

  it("keeps text that C strings cannot hold", async () => {
    for (const text of ["a\0b", "\u0001", "\u0001\0", '"\\', "😀", ""]) {
      const result = await js(`r.setResponseBody(r.body); r.setBody(${JSON.stringify(`${text}!`)})`, {
        request: { body: Buffer.from(text) },
      });
      expect(bodyOf(result)).toBe(`${text}!`);
      expect(responseOf(result).body).toBe(text);
    }
  });
});

describe("a function in Lua", () => {
  it("reads every part of the request", async () => {
    const seen = texts(
      lua(`for _, part in ipairs({ r.RequestMethod, r.RequestPath, r.RequestRawQuery, r.RequestBody,
        r.RequestHeader["content-TYPE"], r.RequestHeader["X-Twice"], r:RequestHeaderValues("x-twice")[2], r.RequestQuery["b"],
        r.Metadata["bucket_name"], tostring(r.RequestHeader["missing"]) }) do print(part) end
        for name, value in pairs(r.RequestHeader) do print(name, value) end`),
    );
    expect(await seen).toEqual([
      "POST",
      "/in",
      "a=1&b=two%20words",
      '{"id":7,"name":"Zoë"}',
      "application/json",
      "first, second",
      "second",
      "two words",
      "orders",
      "nil",
      "Content-Type\tapplication/json",
      "X-Twice\tfirst, second",
    ]);
  });

  it("changes, answers and stops", async () => {
    const result = await lua(
      `r:SetRequestMethod("PUT") r:SetRequestPath("/x") r:SetRequestRawQuery("q=1") r:SetRequestBody("\\0\\255")
       r:SetRequestHeader("x-twice", "once") r:DeleteRequestHeader("content-type")
       r:SetResponseStatusCode(202) r:SetResponseBody("sure") r:SetResponseHeader("X-A", cfg:GetValue("KEY")) r:StopForwarding()`,
      { variables: { KEY: "value" } },
    );
    expect(done(result)).toMatchObject({
      request: { method: "PUT", path: "/x", rawQuery: "q=1", headers: [["x-twice", "once"]] },
      response: { status: 202, headers: [["X-A", "value"]] },
      stopped: true,
    });
    expect(Buffer.from(done(result).request.body)).toEqual(Buffer.from([0, 255]));
  });

  it("encodes and decodes JSON, giving errors as second value", async () => {
    const seen = texts(
      lua(`local json = require("json")
        for _, text in ipairs({ '{"b":[1,2.5,-3e2,true,null],"a":{"x":"\\\\u00fc\\\\ud83d\\\\ude00\\\\n"},"e":{},"l":[]}', '[]', '"x"', '1' }) do
          print(json.encode(json.decode(text))) end
        for _, text in ipairs({ '{', '[1,]', '01', '{"a" 1}', '"\\t"', 'nul', '1 2' }) do
          local value, err = json.decode(text) print(value, err) end
        local self = {} self[1] = self print(json.encode(self)) print(json.encode(print))`),
    );
    expect(await seen).toEqual([
      '{"a":{"x":"ü😀\\n"},"b":[1,2.5,-300,true],"e":{},"l":[]}\tnil',
      "[]\tnil",
      '"x"\tnil',
      "1\tnil",
      "nil\tjson: the text ends too early",
      'nil\tjson: unexpected "]" at character 4',
      'nil\tjson: unexpected "0" at character 1',
      'nil\tjson: unexpected "1" at character 6',
      'nil\tjson: unexpected "\\9" at character 2',
      'nil\tjson: unexpected "n" at character 1',
      'nil\tjson: unexpected "2" at character 3',
      "nil\tjson: tables are nested too deep, or contain themselves",
      "nil\tjson: a value of type function has no JSON",
    ]);
  });

  it("is called when it only declares transform", async () => {
    expect(bodyOf(await lua(`function transform(r) r:SetRequestBody("called") end`))).toBe("called");
  });
});

describe("both languages", () => {
  it("have the same digests", async () => {
    const expected = [
      "900150983cd24fb0d6963f7d28e17f72",
      "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
      "cbf43926",
      "f7bc83f430538424b13298e6aa6fb143ef4d59a14946175997479dbc2d1a3cd8",
      "Zm9vAA==",
      "true",
      "false",
    ];
    expect(
      await texts(
        js(`const fox = "The quick brown fox jumps over the lazy dog";
        for (const value of [crypto.md5("abc"), crypto.sha256("abc"), crypto.crc32("123456789"), crypto.hmac("SHA-256", fox, "key"),
          crypto.base64Encode("foo\\0"), crypto.equal("a", "a"), require("crypto").equal("a", "ab")]) console.log(value)`),
      ),
    ).toEqual(expected);
    expect(
      await texts(
        lua(`local crypto = require("crypto") local fox = "The quick brown fox jumps over the lazy dog"
        for _, value in ipairs({ crypto.md5("abc"), crypto.sha256("abc"), crypto.crc32("123456789"), crypto.hmac("sha256", fox, "key"),
          crypto.base64_encode("foo\\0"), crypto.equal("a", "a"), crypto.equal("a", "ab") }) do print(value) end`),
      ),
    ).toEqual(expected);
  });

  it("read forms", async () => {
    const multipart =
      '--x\r\nContent-Disposition: form-data; name="a"\r\n\r\n1 é\r\n--x\r\nContent-Disposition: form-data; name="f"; filename="n"\r\n\r\nfile\r\n--x--\r\n';
    const form = (type: string, body: string) => ({
      request: { headers: [["content-type", type]] as const, body: Buffer.from(body) },
    });
    const source = `r.setBody(JSON.stringify(r.formData))`;
    expect(bodyOf(await js(source, form("multipart/form-data; boundary=x", multipart)))).toBe('{"a":"1 é"}');
    expect(bodyOf(await js(source, form("application/x-www-form-urlencoded", "a=1+%C3%A9&a=2&__proto__=p")))).toBe(
      '{"a":"1 é","__proto__":"p"}',
    );
    const inLua = `r:SetRequestBody(r.RequestFormData["a"])`;
    expect(bodyOf(await lua(inLua, form("application/x-www-form-urlencoded", "a=1+%C3%A9")))).toBe("1 é");
  });

  it("tell line and column of an error in the source, and nothing of ours", async () => {
    const told: [string, "js" | "lua", number, number, RegExp][] = [
      ["let a = 1;\n  missing.field()", "js", 2, 3, /^ReferenceError: 'missing' is not defined$/],
      ["\nlet = = 1", "js", 2, 7, /^SyntaxError: /],
      ["function transform(r) {\n  throw new Error('no')\n}", "js", 2, 18, /^Error: no$/],
      ["\n\n r.setHeader('a b', 'c')", "js", 3, 13, /"a b" is no header name/],
      ["local x = nil\n  x.y = 1", "lua", 2, 3, /^attempt to index a nil value \(local 'x'\)$/],
      ["\nlocal x = = 1", "lua", 2, 9, /^unexpected symbol near '='$/],
      ["\n  r:SetRequestHeader('a b', 'c')", "lua", 2, 3, /"a b" is no header name/],
      ["\n error('no')", "lua", 2, 2, /^no$/],
    ];
    for (const [source, driver, line, column, message] of told) {
      const result = await runner.run(functionCall(source, { driver }));
      expect(result).toMatchObject({ kind: "failed", reason: "error", line, column });
      if (result.kind === "failed") expect(result.message).toMatch(message);
      expect(JSON.stringify(result)).not.toMatch(/relay\.js|dist|node_modules|file:/);
    }
  });

  it("say which modules there are", async () => {
    for (const driver of ["js", "lua"] as const) {
      const result = await runner.run(functionCall(`require("fs")`, { driver }));
      expect(result).toMatchObject({ kind: "failed", message: expect.stringContaining("no module fs"), line: 1 });
    }
  });

  it("leave framing headers to the relay and refuse line breaks", async () => {
    const result = done(
      await js(`r.setHeader("Content-Length", "1"); r.setResponseHeader("transfer-encoding", "chunked")`),
    );
    expect(result.modified.headers).toBe(false);
    expect(result.response).toBeUndefined();
    expect(result.logs.map((line) => line.level)).toEqual(["warn", "warn"]);
    const injected = await lua(`r:SetResponseHeader("X", "a\\r\\nSet-Cookie: b")`);
    expect(injected).toMatchObject({ kind: "failed", message: expect.stringContaining("line break") });
  });
});
