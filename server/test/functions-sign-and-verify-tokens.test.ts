import { createHmac, generateKeyPairSync } from "node:crypto";
import { afterAll, expect, it } from "vitest";
import { FunctionRunner } from "../src/functions/function-runner.js";
import { bodyOf, functionCall } from "./support/function-call.js";

const runner = new FunctionRunner({ workers: 1, deadlineMs: 10_000 });
afterAll(() => runner.stop());

const { privateKey, publicKey } = generateKeyPairSync("ec", {
  namedCurve: "P-256",
  privateKeyEncoding: { type: "pkcs8", format: "pem" },
  publicKeyEncoding: { type: "spki", format: "pem" },
});
const variables = { OWN: privateKey, PUBLIC: publicKey, SECRET: "a secret of some length" };

const SIGN = {
  js: `r.setBody(jwt.sign({ sub: "Zoë", aud: "us" }, cfg.get("OWN"), { expiresIn: "5m", header: { kid: "1" } }))`,
  lua: `r:SetRequestBody(require("jwt").sign({ sub = "Zoë", aud = "us" }, cfg:GetValue("OWN"), { expiresIn = "5m", header = { kid = "1" } }))`,
};
const VERIFY = {
  js: `const claims = jwt.verify(r.body, cfg.get("PUBLIC"), { audience: "us" });
    r.setBody(claims.sub + " " + (claims.exp - claims.iat));`,
  lua: `local claims = require("jwt").verify(r.RequestBody, cfg:GetValue("PUBLIC"), { audience = { "us", "you" } })
    r:SetRequestBody(claims.sub .. " " .. math.floor(claims.exp - claims.iat))`,
};

async function run(driver: "js" | "lua", source: string, body = "") {
  return runner.run(functionCall(source, { driver, variables, request: { body: Buffer.from(body) } }));
}

it.each([
  ["js", "lua"],
  ["lua", "js"],
] as const)("what %s signs, %s verifies", async (one, other) => {
  const token = bodyOf(await run(one, SIGN[one]));
  const [header = ""] = token.split(".");
  expect(JSON.parse(Buffer.from(header, "base64url").toString())).toEqual({ alg: "ES256", typ: "JWT", kid: "1" });
  expect(bodyOf(await run(other, VERIFY[other], token))).toBe("Zoë 300");
});

it.each(["js", "lua"] as const)(
  "threat: a token that fails a check ends the run, unless that is caught (%s)",
  async (driver) => {
    const token = bodyOf(await run(driver, SIGN[driver]));
    const [header, , signature] = token.split(".");
    const changed = `${header}.${Buffer.from('{"sub":"root","aud":"us"}').toString("base64url")}.${signature}`;
    const failed = await run(driver, VERIFY[driver], changed);
    expect(failed).toMatchObject({
      kind: "failed",
      reason: "error",
      message: expect.stringContaining("another signature"),
    });
    expect(JSON.stringify(failed)).not.toContain(signature);
    const caught = {
      js: `try { jwt.verify(r.body, cfg.get("PUBLIC")) } catch (error) { r.setBody(error.message) }`,
      lua: `local ok, told = pcall(require("jwt").verify, r.RequestBody, cfg:GetValue("PUBLIC")) r:SetRequestBody(told)`,
    };
    expect(bodyOf(await run(driver, caught[driver], changed))).toContain("another signature");
  },
);

it("without options, and with none in them", async () => {
  const js = `r.setBody(jwt.verify(jwt.sign({}, cfg.get("SECRET")), cfg.get("SECRET"), {}).iat > 1e9 ? "ok" : "no")`;
  expect(bodyOf(await run("js", js))).toBe("ok");
  const lua = `local jwt, key = require("jwt"), cfg:GetValue("SECRET")
    r:SetRequestBody(jwt.verify(jwt.sign({}, key), key, {}).iat > 1e9 and "ok" or "no")`;
  expect(bodyOf(await run("lua", lua))).toBe("ok");
});

it.each(["js", "lua"] as const)(
  "threat: claims that are nested without end do not end the process (%s)",
  async (driver) => {
    const text = (value: string) => Buffer.from(value).toString("base64url");
    const input = `${text('{"alg":"HS256"}')}.${text(`{"a":${"[".repeat(5_900)}${"]".repeat(5_900)}}`)}`;
    const token = `${input}.${createHmac("sha256", variables.SECRET).update(input).digest("base64url")}`;
    const source = {
      js: `try { jwt.verify(r.body, cfg.get("SECRET")) } catch {} r.setBody("still here")`,
      lua: `pcall(require("jwt").verify, r.RequestBody, cfg:GetValue("SECRET")) r:SetRequestBody("still here")`,
    };
    expect(bodyOf(await run(driver, source[driver], token))).toBe("still here");
  },
);
