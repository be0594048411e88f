import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";
import { describeDockerfileLint } from "../../provider-schema/test/support/describe-engine.js";
import { SETTINGS } from "../src/config/settings.js";
import { NODE_FLAGS } from "../src/node-flags.js";
import { dockerIgnore } from "./support/image/docker-ignore.js";
import { type Instruction, parseDockerfile } from "./support/image/parse-dockerfile.js";

const REPOSITORY = fileURLToPath(new URL("../..", import.meta.url));
const read = (path: string) => readFileSync(join(REPOSITORY, path), "utf8");
const FILE = join(REPOSITORY, "server/Dockerfile");
const { args, stages } = parseDockerfile(read("server/Dockerfile"));
const runtime = stages.at(-1)?.instructions ?? [];
const everything = stages.flatMap(({ instructions }) => instructions);

function only(name: string, among: readonly Instruction[] = runtime): Instruction {
  const [found, ...more] = among.filter((each) => each.name === name);
  if (found === undefined || more.length > 0)
    throw new Error(`expected one ${name}, found ${more.length + (found ? 1 : 0)}`);
  return found;
}

describeDockerfileLint("Docker's check of Dockerfiles", (program) => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "relay-dockerfile-"));
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  function findings(file: string): { status: number | null; lines: { kind: string; rule?: string; line?: number }[] } {
    const { status, stdout } = spawnSync(program, [file], { encoding: "utf8" });
    const lines = stdout.split("\n").filter((line) => line !== "");
    return { status, lines: lines.map((line) => JSON.parse(line)) };
  }

  test("finds nothing in the image's", () => {
    expect(findings(FILE)).toEqual({ status: 0, lines: [{ file: FILE, kind: "checked" }] });
  });

  test("finds what is wrong in others, so that finding nothing means something", () => {
    const file = join(folder, "Dockerfile");
    writeFileSync(file, "FROM node as Build\nARG ADMIN_API_SECRET=x\nCMD node main.js\n");
    const { status, lines } = findings(file);
    expect([status, lines.map(({ rule, line }) => [rule, line])]).toEqual([
      1,
      [
        ["StageNameCasing", 1],
        ["FromAsCasing", 1],
        ["SecretsUsedInArgOrEnv", 2],
        ["JSONArgsRecommended", 3],
        [undefined, undefined],
      ],
    ]);
    writeFileSync(file, "FROM node\nFOO x\n");
    expect(findings(file)).toMatchObject({ status: 1, lines: [{ kind: "error", line: 2 }, { kind: "checked" }] });
    expect(findings(join(folder, "nowhere")).status).toBe(2);
  });
});

test("both stages stand on images that are pinned by digest, through an argument, on the same Debian", () => {
  expect([...args.keys()]).toEqual(["NODE_IMAGE", "RUNTIME_IMAGE"]);
  expect(stages.map(({ base }) => /^\$\{(\w+)\}$/.exec(base)?.[1])).toEqual([...args.keys()]);
  for (const image of args.values()) expect(image).toMatch(/^[\w./-]+:[\w.-]+@sha256:[0-9a-f]{64}$/);
  expect(args.get("NODE_IMAGE")).toMatch(/^node:24\.\d+\.\d+-trixie-slim@/);
  expect(args.get("RUNTIME_IMAGE")).toMatch(/^gcr\.io\/distroless\/nodejs24-debian13:nonroot@/);
  expect(read("server/Dockerfile")).not.toMatch(/:latest/);
});

test("the Node.js that the tests run the image on is that of the image", () => {
  const version = /^node:([\d.]+)-/.exec(args.get("NODE_IMAGE") ?? "")?.[1];
  const { optionalDependencies } = JSON.parse(read("tools/image-node/package.json"));
  expect(new Set(Object.values(optionalDependencies))).toEqual(new Set([version]));
  const { packages } = JSON.parse(read("tools/image-node/package-lock.json"));
  for (const name of Object.keys(optionalDependencies))
    expect(packages[`node_modules/${name}`]).toMatchObject({ version });
});

test("it runs as a user without rights, by number, so that a cluster can tell", () => {
  expect(only("USER").text).toBe("65532:65532");
  expect(runtime.findIndex(({ name }) => name === "USER")).toBeLessThan(
    runtime.findIndex(({ name }) => name === "ENTRYPOINT"),
  );
});

test("the program is the first process itself, on the flags of `npm run server` and half of the container's memory", () => {
  const entrypoint = only("ENTRYPOINT").exec;
  const node = "/nodejs/bin/node";
  expect(entrypoint).toEqual([node, ...NODE_FLAGS, "--max-old-space-size-percentage=50", "server/dist/main.js"]);
  expect(only("HEALTHCHECK").exec).toEqual([node, "server/dist/main.js", "health"]);
  expect(Object.fromEntries(only("HEALTHCHECK").flags)).toMatchObject({ timeout: "5s", retries: "3" });
  expect(only("STOPSIGNAL").text).toBe("SIGTERM");
  for (const { name } of runtime) expect(["CMD", "SHELL", "RUN", "VOLUME", "ONBUILD"]).not.toContain(name);
});

test("it names the ports that are meant to be reached, as the settings have them", () => {
  const ports = Object.fromEntries(SETTINGS.map(({ variable, default: value }) => [variable, value]));
  expect(only("EXPOSE").text.split(" ").map(Number)).toEqual([
    ports.HTTPS_API_PORT,
    ports.GRPC_API_PORT,
    ports.STATUS_PORT,
  ]);
});

test("threat: something comes from elsewhere into the image, or a secret with it", () => {
  for (const { name, text, flags } of everything) {
    expect(name).not.toBe("ADD");
    expect(text).not.toMatch(/\b(curl|wget|git clone|apt-get|apk|npx|npm (i|install|exec))\b/);
    if (name === "RUN" && text.startsWith("npm ci")) expect(text).toContain("--ignore-scripts");
    const from = new Map(flags).get("from");
    if (from !== undefined) expect(from).toBe("build");
  }
  const names = everything.filter(({ name }) => name === "ARG" || name === "ENV").map(({ text }) => text);
  expect(names.join(" ")).not.toMatch(/secret|password|token|key|url=/i);
});

test("its environment sets nothing but settings of the server", () => {
  const known: readonly string[] = ["NODE_ENV", ...SETTINGS.map(({ variable }) => variable)];
  for (const [, name = ""] of only("ENV").text.matchAll(/(\w+)=/g)) expect(known).toContain(name);
});

test("its version is the server's unless the build says another", () => {
  const { version } = JSON.parse(read("server/package.json"));
  expect(runtime.map(({ name, text }) => `${name} ${text}`)).toContain(`ARG VERSION=${version}`);
  for (const label of ["title", "description", "licenses", "version", "revision", "base.name"])
    expect(only("LABEL").text).toContain(`org.opencontainers.image.${label}=`);
});

test("an ignore file is read as Docker reads it: the last line that matches decides, also for what lies in a folder", () => {
  const ignored = dockerIgnore("# all\n*\n!src\n**/*.test.ts\n!src/keep.test.ts\nsrc/*/deep?.ts\n**/.*\n");
  const paths = ["README.md", ".env", "src", "src/a.ts", "src/a.test.ts", "src/x/a.test.ts", "src/keep.test.ts"];
  expect(paths.map((path) => [path, ignored(path)])).toEqual([
    ["README.md", true],
    [".env", true],
    ["src", false],
    ["src/a.ts", false],
    ["src/a.test.ts", true],
    ["src/x/a.test.ts", true],
    ["src/keep.test.ts", false],
  ]);
  expect(["src/x/deep1.ts", "src/deep1.ts", "src/x/.npmrc", "src/.git/config"].map(ignored)).toEqual([
    true,
    false,
    true,
    true,
  ]);
});
