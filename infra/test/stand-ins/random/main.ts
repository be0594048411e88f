import { randomBytes, randomInt, randomUUID } from "node:crypto";
import type { Values } from "../../../../provider-schema/src/engine/value.js";
import { LocalStandIn, type Maker } from "../local/local-stand-in.js";
import { serveStandIn } from "../protocol/serve-stand-in.js";

const LETTERS = "abcdefghijklmnopqrstuvwxyz";
const SPECIAL = "!@#$%&*()-_=+[]{}<>:?";

function randomText({ length, lower, upper, numeric, special, overrideSpecial }: Values): string {
  const alphabet = [
    lower === false ? "" : LETTERS,
    upper === false ? "" : LETTERS.toUpperCase(),
    numeric === false ? "" : "0123456789",
    special === false ? "" : String(overrideSpecial ?? SPECIAL),
  ].join("");
  return Array.from({ length: Number(length) }, () => alphabet[randomInt(alphabet.length)]).join("");
}

const password: Maker = (inputs) => {
  const values = {
    result: randomText(inputs),
    bcryptHash: `$2a$10$${randomBytes(39).toString("base64url").slice(0, 53)}`,
  };
  return { id: "none", values, secrets: ["result", "bcryptHash"] };
};

const text: Maker = (inputs) => {
  const result = randomText(inputs);
  return { id: result, values: { result }, secrets: [] };
};

const uuid: Maker = () => {
  const result = randomUUID();
  return { id: result, values: { result }, secrets: [] };
};

const id: Maker = ({ byteLength, prefix }) => {
  const bytes = randomBytes(Number(byteLength));
  const before = String(prefix ?? "");
  const url = bytes.toString("base64url");
  const values = {
    hex: before + bytes.toString("hex"),
    b64Url: before + url,
    b64Std: before + bytes.toString("base64"),
    dec: before + BigInt(`0x${bytes.toString("hex")}`).toString(),
  };
  return { id: url, values, secrets: [] };
};

serveStandIn(
  "random",
  new LocalStandIn("random", {
    "random:index/randomId:RandomId": id,
    "random:index/randomPassword:RandomPassword": password,
    "random:index/randomString:RandomString": text,
    "random:index/randomUuid:RandomUuid": uuid,
  }),
);
