import { isTemplate, type OutputBody, parseTemplate, signingKey, type Template } from "@relay/provider-schema";
import { endToEndHeaders, type HeaderOverrides, headerOverrides } from "../destination/end-to-end-headers.js";
import { fillIn, inHeader } from "./fill-in.js";
import type { PublicOutput } from "./public-output.js";
import type { PublicWebhook } from "./public-webhook.js";
import { type Signing, signedFields, signRequest } from "./sign-request.js";

/** Makes the header fields of one call: names and values alternating. `unixSeconds` is the time of its signature. */
export type PlannedHeaders = (webhook: PublicWebhook, unixSeconds: number) => string[];

interface FilledField {
  readonly name: string;
  readonly template: Template;
}

/** Throws with a reason for people when an output's fields cannot be made. */
export function planHeaders(output: PublicOutput): PlannedHeaders {
  const fixed: { name: string; value: string }[] = [];
  const filled: FilledField[] = [];
  for (const [name, values] of Object.entries(output.headers)) {
    for (const value of values) {
      if (!isTemplate(value)) fixed.push({ name, value });
      else filled.push({ name, template: templateOf(name, value) });
    }
  }
  const credentials = credentialsOf(output);
  if (credentials !== null) fixed.push(credentials);
  const signing = signingOf(output);
  const overrides = headerOverrides(fixed);
  const names = new Set(overrides.names);
  for (const { name } of filled) names.add(name.toLowerCase());
  for (const name of signing === null ? [] : signedFields(signing)) names.add(name);

  return (webhook, unixSeconds) => {
    const fields = [...overrides.fields];
    for (const { name, template } of filled) fields.push(name, fillIn(template, webhook, inHeader));
    if (signing !== null)
      fields.push(...signRequest(signing, { id: webhook.deliveryId, body: webhook.body, unixSeconds }));
    const own: HeaderOverrides = { names, fields };
    return endToEndHeaders(webhook.headers, own, { id: webhook.deliveryId, attempt: webhook.attempt });
  };
}

function templateOf(name: string, value: string): Template {
  if (name.toLowerCase() === "host") throw new Error("headers: Host must not have {{ }}");
  const parsed = parseTemplate(value);
  if (parsed.kind === "wrong") throw new Error(`headers: ${name} ${parsed.problem}`);
  return parsed.parts;
}

function credentialsOf({ settings, secrets }: PublicOutput): { name: string; value: string } | null {
  const { authentication } = settings as OutputBody;
  const token = secrets["authentication.token"] ?? "";
  switch (authentication?.type) {
    case undefined:
      return null;
    case "basic": {
      const pair = `${authentication.username ?? ""}:${secrets["authentication.password"] ?? ""}`;
      return { name: "Authorization", value: `Basic ${Buffer.from(pair, "utf8").toString("base64")}` };
    }
    case "bearer":
      return { name: "Authorization", value: `Bearer ${token}` };
    case "header":
      return { name: authentication.header ?? "", value: token };
  }
}

function signingOf({ settings, secrets }: PublicOutput): Signing | null {
  const { signing } = settings as OutputBody;
  const secret = secrets["signing.secret"];
  if (signing?.type === undefined) return null;
  if (secret === undefined) throw new Error("signing: the server has no secret; give it anew");
  if (signing.type === "hmac") {
    const { header = "", prefix = "", algorithm = "sha256", encoding = "hex" } = signing;
    return { kind: "hmac", key: Buffer.from(secret, "utf8"), header, prefix, algorithm, encoding };
  }
  const given = [secret, secrets["signing.previous_secret"]].filter((one) => one !== undefined && one !== "");
  const keys = given.flatMap((one) => signingKey(one ?? "") ?? []);
  if (keys.length < given.length) throw new Error("signing: a secret is not one of Standard Webhooks");
  return { kind: "standard-webhooks", keys };
}
