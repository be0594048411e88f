// Does what a container engine does with a Dockerfile, as far as files go, where there is no engine: each stage is a folder;
// COPY copies into it and RUN runs a command in it. Images that stages begin with are not fetched: their folders begin
// empty, and commands run on this machine's system with the Node.js of the image. What is not understood is an error.
import { execFile } from "node:child_process";
import { chown, cp, lstat, mkdir, readdir, readFile } from "node:fs/promises";
import { basename, dirname, join, relative } from "node:path";
import { promisify } from "node:util";
import { buildEnvironment } from "./build-environment.js";
import { dockerIgnore } from "./docker-ignore.js";
import { type Instruction, parseDockerfile } from "./parse-dockerfile.js";

/** How containers of an image start, as its last stage says. */
export interface ImageConfig {
  readonly env: Readonly<Record<string, string>>;
  readonly labels: Readonly<Record<string, string>>;
  readonly exposed: readonly string[];
  readonly user: string;
  readonly workdir: string;
  readonly entrypoint: readonly string[];
  readonly health: readonly string[];
  readonly stopSignal: string;
}

export interface BuildImageOptions {
  /** The Dockerfile; its ignore file lies beside it. */
  readonly file: string;
  /** The build context. */
  readonly context: string;
  /** An empty folder, for the stages. */
  readonly folder: string;
  /** Folder of the `node` that build commands run on. */
  readonly nodeBin: string;
}

export interface BuiltImage {
  /** The root of the last stage's file tree, without the files of the image that it stands on. */
  readonly root: string;
  readonly config: ImageConfig;
  /** Everything of the context that a build can see, relative to it. */
  readonly context: readonly string[];
}

interface Stage {
  readonly root: string;
  readonly vars: Map<string, string>;
  readonly env: Record<string, string>;
  readonly labels: Record<string, string>;
  workdir: string;
  readonly exposed: string[];
  user: string;
  entrypoint: readonly string[];
  health: readonly string[];
  stopSignal: string;
}

/** Builds the image's file tree. Rejects with the line of the Dockerfile and what a command printed. */
export async function buildImageTree({ file, context, folder, nodeBin }: BuildImageOptions): Promise<BuiltImage> {
  const dockerfile = parseDockerfile(await readFile(file, "utf8"));
  const ignored = dockerIgnore(await readFile(`${file}.dockerignore`, "utf8"));
  const visible = await filesOf(context, ignored);
  const stages = new Map<string, Stage>();
  let last: Stage | undefined;
  for (const [index, { name, instructions }] of dockerfile.stages.entries()) {
    const stage = newStage(join(folder, name ?? `stage-${index}`));
    await mkdir(stage.root);
    for (const instruction of instructions) {
      try {
        await apply(instruction, stage);
      } catch (cause) {
        const { message, stderr } = cause as { message: string; stderr?: string };
        throw new Error(`${basename(file)}, line ${instruction.line}: ${message}\n${stderr ?? ""}`, { cause });
      }
    }
    stages.set(name ?? String(index), stage);
    last = stage;
  }
  if (last === undefined) throw new Error(`${file} has no stage`);
  return { root: last.root, config: last, context: visible };

  async function apply(instruction: Instruction, stage: Stage): Promise<void> {
    const text = withVariables(instruction.text, stage.vars);
    switch (instruction.name) {
      case "ARG": {
        const [arg = "", ...value] = text.split("=");
        stage.vars.set(arg, value.length > 0 ? value.join("=") : (dockerfile.args.get(arg) ?? ""));
        return;
      }
      case "ENV":
      case "LABEL":
        for (const [name, value] of pairsOf(text)) {
          if (instruction.name === "LABEL") stage.labels[name] = value;
          else {
            stage.env[name] = value;
            stage.vars.set(name, value);
          }
        }
        return;
      case "WORKDIR":
        stage.workdir = text;
        await mkdir(join(stage.root, text), { recursive: true });
        return;
      case "RUN":
        return run(instruction, stage);
      case "COPY":
        return copy(instruction, stage, text);
      case "USER":
        stage.user = text;
        return;
      case "EXPOSE":
        stage.exposed.push(...text.split(/\s+/));
        return;
      case "STOPSIGNAL":
        stage.stopSignal = text;
        return;
      case "HEALTHCHECK":
        stage.health = execOf(instruction);
        return;
      case "ENTRYPOINT":
        stage.entrypoint = execOf(instruction);
        return;
      default:
        throw new Error(`${instruction.name} is not understood`);
    }
  }

  async function run({ text, flags }: Instruction, stage: Stage): Promise<void> {
    for (const [flag, value] of flags) {
      if (flag !== "mount" || !/^type=(cache|secret),/.test(value))
        throw new Error(`--${flag}=${value} is not understood`);
    }
    // It runs on this machine: a path from its root would be one of this machine's.
    if (/(^|[\s="'])\//.test(text.replace(/"\*\//g, ""))) throw new Error(`an absolute path in: ${text}`);
    await promisify(execFile)("/bin/sh", ["-c", text], {
      cwd: join(stage.root, stage.workdir),
      env: { ...buildEnvironment(nodeBin), ...stage.env },
      maxBuffer: 16 * 1024 * 1024,
    });
  }

  async function copy({ flags }: Instruction, stage: Stage, text: string): Promise<void> {
    const options = new Map(flags);
    const from = options.get("from");
    const source = from === undefined ? context : stages.get(from)?.root;
    if (source === undefined) throw new Error(`there is no stage ${from}`);
    const paths = text.split(/\s+/);
    const target = paths.pop() ?? "";
    const into = target.startsWith("/") ? join(stage.root, target) : join(stage.root, stage.workdir, target);
    for (const path of paths) {
      if (from === undefined && !visible.some((each) => each === path || each.startsWith(`${path}/`))) {
        throw new Error(`the build context has no ${path}`);
      }
      const what = join(source, path);
      const isFolder = (await lstat(what)).isDirectory();
      const to = !isFolder && (target.endsWith("/") || paths.length > 1) ? join(into, basename(path)) : into;
      await mkdir(dirname(to), { recursive: true });
      await cp(what, to, {
        recursive: true,
        verbatimSymlinks: true,
        filter: (each) => from !== undefined || each === what || !ignored(relative(context, each)),
      });
      const owner = options.get("chown");
      if (owner === undefined || process.getuid?.() !== 0) continue;
      const [uid, gid] = owner.split(":").map(Number);
      for (const each of [".", ...(isFolder ? await readdir(to, { recursive: true }) : [])]) {
        await chown(join(to, each), uid ?? 0, gid ?? 0);
      }
    }
  }
}

function newStage(root: string): Stage {
  return {
    root,
    vars: new Map(),
    env: {},
    labels: {},
    workdir: "/",
    exposed: [],
    user: "0:0",
    entrypoint: [],
    health: [],
    stopSignal: "",
  };
}

function execOf({ name, exec }: Instruction): readonly string[] {
  if (exec === undefined) throw new Error(`${name} must be in the exec form, ["program", "argument"]`);
  return exec;
}

function withVariables(text: string, vars: ReadonlyMap<string, string>): string {
  return text.replace(/\$\{(\w+)\}/g, (_, name: string) => {
    const value = vars.get(name);
    if (value === undefined) throw new Error(`\${${name}} is not set`);
    return value;
  });
}

function pairsOf(text: string): [string, string][] {
  return [...text.matchAll(/([\w.]+)=(?:"([^"]*)"|(\S+))/g)].map(([, name = "", quoted, bare]) => [
    name,
    quoted ?? bare ?? "",
  ]);
}

/** The files of a build context, without the folders that no build context of ours has. */
async function filesOf(context: string, ignored: (path: string) => boolean): Promise<string[]> {
  const found: string[] = [];
  const visit = async (folder: string): Promise<void> => {
    for (const entry of await readdir(join(context, folder), { withFileTypes: true })) {
      const path = folder === "" ? entry.name : `${folder}/${entry.name}`;
      if (entry.isDirectory()) {
        if (!["node_modules", ".git", ".engines"].includes(entry.name)) await visit(path);
      } else if (!ignored(path)) found.push(path);
    }
  };
  await visit("");
  return found.sort();
}
