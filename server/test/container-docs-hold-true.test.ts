import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { parse } from "yaml";
import { SETTINGS, type Setting } from "../src/config/settings.js";
import { serverArguments } from "../src/server-arguments.js";

const REPOSITORY = fileURLToPath(new URL("../..", import.meta.url));
const read = (path: string) => readFileSync(join(REPOSITORY, path), "utf8");
const guide = read("docs/container.md");
const settings: readonly Setting[] = SETTINGS;
const secrets = settings.filter(({ secret }) => secret === true).map(({ variable }) => variable);
const known = new Set([...settings.map(({ variable }) => variable), ...secrets.map((name) => `${name}_FILE`)]);

interface Service {
  readonly environment?: Record<string, string>;
  readonly command?: readonly string[];
  readonly secrets?: readonly string[];
  readonly ports?: readonly string[];
  readonly build?: { readonly context: string; readonly dockerfile: string };
  readonly [option: string]: unknown;
}

const compose = parse(read("docs/examples/container/compose.yaml"), { merge: true }) as {
  readonly services: Record<string, Service>;
  readonly secrets: Record<string, unknown>;
};
const ours = Object.entries(compose.services).filter(([name]) => name !== "database");

test.each(ours)(
  "the %s of the Compose example is built from our Dockerfile and sets what the server knows",
  (_, service) => {
    const context = join(REPOSITORY, "docs/examples/container", service.build?.context ?? "");
    expect(existsSync(join(context, service.build?.dockerfile ?? "nowhere"))).toBe(true);
    for (const name of Object.keys(service.environment ?? {})) expect(known).toContain(name);
    for (const name of secrets) expect(service.environment).not.toHaveProperty(name);
    for (const [name, path] of Object.entries(service.environment ?? {})) {
      if (name.endsWith("_FILE")) expect(service.secrets?.map((each) => `/run/secrets/${each}`)).toContain(path);
    }
    for (const secret of service.secrets ?? []) expect(Object.keys(compose.secrets)).toContain(secret);
    expect(serverArguments(service.command ?? []).kind).toBe(service.command === undefined ? "run" : "migrate");
  },
);

test.each(ours)("the %s of the Compose example has no rights, and a root that it cannot write", (_, service) => {
  expect(service).toMatchObject({ read_only: true, cap_drop: ["ALL"], security_opt: ["no-new-privileges:true"] });
  for (const port of service.ports ?? []) expect(port).not.toMatch(/9301|9803/);
});

test("the guide names settings, words, ports and files that exist", () => {
  for (const [, name = ""] of guide.matchAll(/`([A-Z]+_[A-Z_]+)(?:=[^`]*)?`/g)) {
    if (name !== "RELAY_SECRETS") expect(known).toContain(name);
  }
  for (const [, name = ""] of guide.matchAll(/--env (\w+)/g)) expect(known).toContain(name);
  for (const [, port, variable] of guide.matchAll(/^\| (\d+) \| `(\w+)` \|/gm)) {
    expect(settings.find((each) => each.variable === variable)?.default).toBe(Number(port));
  }
  for (const [, word = ""] of guide.matchAll(/^\| `(\w+)` \| /gm)) expect(serverArguments([word]).kind).toBe(word);
  for (const [, path = ""] of guide.matchAll(/(?:--file |`)((?:docs|server|tools)\/[\w./-]+)/g)) {
    expect([path, existsSync(join(REPOSITORY, path))]).toEqual([path, true]);
  }
  for (const [, path = ""] of guide.matchAll(/\]\(([\w./-]+)\)/g)) {
    expect([path, existsSync(join(REPOSITORY, "docs", path))]).toEqual([path, true]);
  }
  const args = [...guide.matchAll(/--build-arg (\w+)=/g)].map(([, name]) => name);
  for (const name of args) expect(read("server/Dockerfile")).toMatch(new RegExp(`^ARG ${name}=`, "m"));
});
