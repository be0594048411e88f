/**
 * Builds the engines that tests of the providers run under, from the pinned tool modules in tools/engines, into .engines/:
 *
 *     npm run engines                      all of them
 *     npm run engines -- tofu pulumi       some of them
 *
 * What was built is kept in a cache of the user, so that every checkout and every later run on this machine shares it:
 * $XDG_CACHE_HOME/relay-engines, or ~/.cache/relay-engines. A cached program is found by what it was built from (the
 * module's files, the flags, the version of Go, the platform) and used only when it is complete.
 */
import { execFileSync, spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import {
  chmod,
  copyFile,
  link,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rename,
  rm,
  stat,
  utimes,
  writeFile,
} from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

/**
 * @typedef {object} Engine
 * @property {string} program Name of the executable, which is also the name on the command line.
 * @property {string} module Folder of its tool module in tools/engines.
 * @property {string} package The command's Go package.
 * @property {string} versionOf The Go module whose version is the engine's.
 * @property {(version: string) => string[]} flags What `go build` is given for it. `version` is like v1.12.6.
 */

/** What tells a program of Kubernetes its version: it answers for it in its API. @param {string} version */
function kubernetesFlags(version) {
  const packages = ["k8s.io/component-base/version", "k8s.io/client-go/pkg/version"];
  return ["-ldflags", ["-s -w", ...packages.map((each) => `-X ${each}.gitVersion=${version}`)].join(" ")];
}

/** @type {Engine[]} Longest build first. */
const ENGINES = [
  {
    program: "tofu",
    module: "opentofu",
    package: "github.com/opentofu/opentofu/cmd/tofu",
    versionOf: "github.com/opentofu/opentofu",
    flags: () => ["-ldflags", "-s -w -X github.com/opentofu/opentofu/version.dev=no"],
  },
  {
    program: "pulumi",
    module: "pulumi",
    package: "github.com/pulumi/pulumi/pkg/v3/cmd/pulumi",
    versionOf: "github.com/pulumi/pulumi/pkg/v3",
    flags: (version) => [
      "-tags",
      "osusergo,grpcnotrace",
      "-ldflags",
      `-s -w -X github.com/pulumi/pulumi/sdk/v3/go/common/version.Version=${version}`,
    ],
  },
  {
    // Finds its way to Node programs for the Pulumi CLI, which looks for it beside itself.
    program: "pulumi-language-nodejs",
    module: "pulumi-language-nodejs",
    package: "github.com/pulumi/pulumi/sdk/v3/nodejs/cmd/pulumi-language-nodejs",
    versionOf: "github.com/pulumi/pulumi/sdk/v3",
    flags: (version) => ["-ldflags", `-s -w -X github.com/pulumi/pulumi/sdk/v3/go/common/version.Version=${version}`],
  },
  {
    // A provider in Go: what ours is compared with.
    program: "terraform-provider-time",
    module: "terraform-provider-time",
    package: "github.com/hashicorp/terraform-provider-time",
    versionOf: "github.com/hashicorp/terraform-provider-time",
    flags: () => ["-ldflags", "-s -w"],
  },
  {
    // Docker's own check of Dockerfiles, in a program of ours: the engine that has it needs a daemon.
    program: "dockerfile-lint",
    module: "dockerfile-lint",
    package: ".",
    versionOf: "github.com/moby/buildkit",
    flags: () => ["-ldflags", "-s -w"],
  },
  {
    // Judges the Kubernetes objects of the infrastructure program: schemas, admission, quotas.
    program: "kube-apiserver",
    module: "kubernetes",
    package: "k8s.io/kubernetes/cmd/kube-apiserver",
    versionOf: "k8s.io/kubernetes",
    flags: kubernetesFlags,
  },
  {
    // Makes pods of Deployments and Jobs, counts what quotas limit, empties namespaces.
    program: "kube-controller-manager",
    module: "kubernetes",
    package: "k8s.io/kubernetes/cmd/kube-controller-manager",
    versionOf: "k8s.io/kubernetes",
    flags: kubernetesFlags,
  },
  {
    // Where the API server keeps what it is given.
    program: "etcd",
    module: "etcd",
    package: "go.etcd.io/etcd/server/v3",
    versionOf: "go.etcd.io/etcd/server/v3",
    flags: () => ["-ldflags", "-s -w"],
  },
];

/**
 * @typedef {object} ModuleFiles Files of a Go module that tests read.
 * @property {string} program Name of the folder in .engines, and on the command line.
 * @property {string} module Folder of its tool module in tools/engines.
 * @property {string} folder Where they are in the Go module.
 * @property {string} versionOf The Go module.
 */

/** @type {ModuleFiles[]} */
const FILES = [
  {
    // Kinds of the Gateway API (standard channel), which a cluster of Google's has.
    program: "gateway-api-crds",
    module: "gateway-api",
    folder: "config/crd/standard",
    versionOf: "sigs.k8s.io/gateway-api",
  },
];

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const OUT = join(ROOT, ".engines");
const CACHE = join(process.env.XDG_CACHE_HOME || join(homedir(), ".cache"), "relay-engines");
const SUFFIX = process.platform === "win32" ? ".exe" : "";
// Linking is what one build leaves a second core idle for; more at once only costs memory.
const BUILDS_AT_ONCE = 2;
const PROGRESS_EVERY_MS = 30_000;
const UNUSED_DAYS = 30;

/** The environment of every `go` command: nothing but the pinned versions, whatever the user has set for other work. */
const GO_ENV = {
  ...process.env,
  GOTOOLCHAIN: "local",
  GOFLAGS: "-mod=readonly -buildvcs=false -trimpath",
  GOWORK: "off",
  CGO_ENABLED: "0",
};

/** @param {string} line */
function say(line) {
  process.stdout.write(`engines: ${line}\n`);
}

/** A failure that is told in one message, without a stack. */
class EngineError extends Error {
  /** @override */
  name = "EngineError";
}

/** @param {number} since of `performance.now()` */
function seconds(since) {
  return `${((performance.now() - since) / 1000).toFixed(1)} s`;
}

/** Output of `go version`, as "go version go1.26.8 linux/amd64". */
function goVersion() {
  try {
    return execFileSync("go", ["version"], { encoding: "utf8", env: GO_ENV, cwd: ROOT }).trim();
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") {
      throw new EngineError(
        "Go is missing, and the engines are built with it. Install Go (https://go.dev/dl, at least the version that " +
          "tools/engines/*/go.mod name), so that `go version` answers, and run `npm run engines` again.",
      );
    }
    throw error;
  }
}

/** @param {Engine | ModuleFiles} engine */
async function versionFromModule(engine) {
  const text = await readFile(join(ROOT, "tools/engines", engine.module, "go.mod"), "utf8");
  const lines = text.split("\n").map((line) => line.trim().replace(/^require /, ""));
  const version = lines.find((line) => line.startsWith(`${engine.versionOf} v`));
  if (version === undefined)
    throw new EngineError(`tools/engines/${engine.module}/go.mod requires no ${engine.versionOf}.`);
  return String(version.split(" ")[1]);
}

/**
 * @param {Engine} engine
 * @param {string} version
 * @param {string} go
 */
async function cacheKey(engine, version, go) {
  const folder = join(ROOT, "tools/engines", engine.module);
  const hash = createHash("sha256");
  const sources = (await readdir(folder)).filter((file) => file.endsWith(".go"));
  for (const file of ["go.mod", "go.sum", ...sources.sort()]) hash.update(await readFile(join(folder, file)));
  hash.update(JSON.stringify([engine.package, engine.flags(version), GO_ENV.GOFLAGS, go]));
  return `${engine.program}-${version}-${hash.digest("hex").slice(0, 16)}`;
}

/**
 * Runs `go build` and tells from time to time how far it is.
 * @param {Engine} engine
 * @param {string} version
 * @param {string} file
 */
async function compile(engine, version, file) {
  const started = performance.now();
  const child = spawn("go", ["build", "-v", ...engine.flags(version), "-o", file, engine.package], {
    cwd: join(ROOT, "tools/engines", engine.module),
    env: GO_ENV,
    stdio: ["ignore", "inherit", "pipe"],
  });
  let packages = 0;
  /** @type {string[]} */
  const complaints = [];
  const lines = createInterface({ input: child.stderr });
  lines.on("line", (line) => {
    // With -v, the name of each package that is compiled is a line; anything else has a blank in it.
    if (line.includes(" ")) complaints.push(line);
    else packages += 1;
  });
  const progress = setInterval(
    () => say(`${engine.program}: ${packages} packages compiled after ${seconds(started)}`),
    PROGRESS_EVERY_MS,
  );
  const code = await new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (status, signal) => resolve(signal ?? status));
  }).finally(() => clearInterval(progress));
  if (code !== 0) {
    const said = complaints.filter((line) => !line.startsWith("go: downloading ")).slice(-20);
    throw new EngineError(
      `${engine.program} ${version} could not be built (go build: ${code}):\n${said.join("\n")}\n` +
        "Modules come from where `go env GOPROXY` points. What was compiled is kept: run `npm run engines` again.",
    );
  }
}

/**
 * Gives the program's file in the cache, building it when it is not there.
 * @param {Engine} engine
 * @param {string} version
 * @param {string} key
 */
async function cached(engine, version, key) {
  const folder = join(CACHE, key);
  const file = join(folder, engine.program + SUFFIX);
  if (existsSync(file)) {
    const now = new Date();
    await utimes(folder, now, now);
    say(`${engine.program} ${version}: from ${folder}`);
    return file;
  }
  const started = performance.now();
  say(`${engine.program} ${version}: building`);
  await mkdir(CACHE, { recursive: true });
  const unfinished = await mkdtemp(join(CACHE, ".building-"));
  try {
    await compile(engine, version, join(unfinished, engine.program + SUFFIX));
    // Appears as a whole or not at all. A run beside this one may have been faster: its file is as good.
    await rename(unfinished, folder).catch((error) => {
      if (!existsSync(file)) throw error;
    });
  } finally {
    await rm(unfinished, { recursive: true, force: true });
  }
  const { size } = await stat(file);
  say(`${engine.program} ${version}: built in ${seconds(started)}, ${Math.round(size / 1e6)} MB`);
  return file;
}

/**
 * Puts a file of the cache into .engines/, without a second copy where the file system can.
 * @param {string} from
 * @param {string} to
 */
async function place(from, to) {
  const beside = `${to}.new`;
  await rm(beside, { force: true });
  await link(from, beside).catch(() => copyFile(from, beside));
  await chmod(beside, 0o755);
  await rename(beside, to);
}

/** Removes from the cache what no checkout asked for in a month, and builds that were killed. */
async function forgetUnused() {
  const names = await readdir(CACHE).catch(() => []);
  for (const name of names) {
    const folder = join(CACHE, name);
    // A build that ends beside this one takes its folder away.
    const { mtimeMs } = await stat(folder).catch(() => ({ mtimeMs: Date.now() }));
    if (Date.now() - mtimeMs > UNUSED_DAYS * 86_400_000) await rm(folder, { recursive: true, force: true });
  }
}

/**
 * @param {Engine} engine
 * @param {string} go
 * @returns {Promise<boolean>} whether there was anything to do
 */
async function provide(engine, go) {
  const version = await versionFromModule(engine);
  const key = await cacheKey(engine, version, go);
  const file = join(OUT, engine.program + SUFFIX);
  const stamp = join(OUT, `${engine.program}.built-from`);
  if (existsSync(file) && (await readFile(stamp, "utf8").catch(() => "")) === key) return false;
  const built = await cached(engine, version, key);
  await rm(stamp, { force: true });
  await place(built, file);
  await writeFile(stamp, key);
  return true;
}

/**
 * Puts files of a Go module into a folder of .engines/. Go keeps modules, so there is no other cache.
 * @param {ModuleFiles} files
 * @returns {Promise<boolean>} whether there was anything to do
 */
async function provideFiles(files) {
  const version = await versionFromModule(files);
  const to = join(OUT, files.program);
  const stamp = join(OUT, `${files.program}.built-from`);
  const key = `${files.versionOf}@${version}/${files.folder}`;
  if (existsSync(to) && (await readFile(stamp, "utf8").catch(() => "")) === key) return false;
  const module = downloadModule(files, version);
  await rm(stamp, { force: true });
  await rm(to, { recursive: true, force: true });
  await mkdir(to, { recursive: true });
  const from = join(module, files.folder);
  // Read and written, for Go's copies are read-only.
  for (const name of await readdir(from)) await writeFile(join(to, name), await readFile(join(from, name)));
  await writeFile(stamp, key);
  say(`${files.program} ${version}: ready`);
  return true;
}

/** Where Go keeps a module, whose sums it has checked. @param {ModuleFiles} files @param {string} version */
function downloadModule(files, version) {
  try {
    const cwd = join(ROOT, "tools/engines", files.module);
    const args = ["mod", "download", "-json", files.versionOf];
    return String(JSON.parse(execFileSync("go", args, { cwd, env: GO_ENV, encoding: "utf8" })).Dir);
  } catch (error) {
    throw new EngineError(
      `${files.versionOf} ${version} could not be downloaded: ${error instanceof Error ? error.message : error}\n` +
        "Modules come from where `go env GOPROXY` points.",
    );
  }
}

/** Where the first executable of that name on PATH is, or undefined. @param {string} program */
function onPath(program) {
  const folders = (process.env.PATH ?? "")
    .split(process.platform === "win32" ? ";" : ":")
    .filter((each) => each !== "");
  return folders.map((folder) => join(folder, program + SUFFIX)).find((file) => existsSync(file));
}

/** Tells which Terraform the tests will use: that one is taken from PATH, for no registry has it. */
function reportTerraform() {
  const file = onPath("terraform");
  if (file === undefined) {
    say("terraform: not on PATH; tests run under OpenTofu alone");
    return;
  }
  const env = { ...process.env, CHECKPOINT_DISABLE: "1" };
  const { terraform_version: version } = JSON.parse(
    execFileSync(file, ["version", "-json"], { encoding: "utf8", env, stdio: ["ignore", "pipe", "ignore"] }),
  );
  say(`terraform ${version}: ${file}`);
}

async function main() {
  const started = performance.now();
  const asked = process.argv.slice(2);
  const known = [...ENGINES, ...FILES].map(({ program }) => program);
  const unknown = asked.filter((name) => !known.includes(name));
  if (unknown.length > 0) {
    const names = known.join(", ");
    throw new EngineError(`there is no engine ${unknown.join(", ")}. Known: ${names}.`);
  }
  const go = goVersion();
  await mkdir(OUT, { recursive: true });
  /** @param {{ readonly program: string }} engine */
  const wanted = ({ program }) => asked.length === 0 || asked.includes(program);
  const waiting = ENGINES.filter(wanted);
  const files = FILES.filter(wanted);
  const chosen = waiting.length + files.length;
  let done = 0;
  for (const each of files) if (await provideFiles(each)) done += 1;
  const worker = async () => {
    for (let engine = waiting.shift(); engine !== undefined; engine = waiting.shift()) {
      if (await provide(engine, go)) done += 1;
    }
  };
  const results = await Promise.allSettled(Array.from({ length: BUILDS_AT_ONCE }, worker));
  const failed = results.find((result) => result.status === "rejected");
  if (failed !== undefined) throw failed.reason;
  await forgetUnused();
  reportTerraform();
  const what = done === 0 ? "are up to date" : `ready, ${done} of them new here`;
  say(`${chosen} in ${OUT} ${what} (${seconds(started)})`);
}

try {
  await main();
} catch (error) {
  if (!(error instanceof EngineError)) throw error;
  process.stderr.write(`engines: ${error.message}\n`);
  process.exitCode = 1;
}
