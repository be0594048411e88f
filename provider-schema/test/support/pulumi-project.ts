import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import type { PulumiFn, Stack } from "@pulumi/pulumi/automation/index.js";
import type { PulumiEngine } from "./engines.js";
import { type PulumiRun, type PulumiStep, readEvents } from "./pulumi-run.js";
import { type CommandResult, mustSucceed, type RunningCommand, startCommand } from "./run-command.js";
import type { CommandSettings, ShownJson } from "./terraform-project.js";

export interface PulumiProjectOptions {
  /**
   * The program, as the text of a CommonJS module, or by file name, of which `index.js`, `index.ts` or `index.mjs` is
   * run. TypeScript is compiled without checking its types. None for a project that only the Automation API uses.
   */
  readonly program?: string | Readonly<Record<string, string>>;
  /** Absolute path of a program that is there already, instead of `program`. It runs in its own folder. */
  readonly main?: string;
  /** Name of the project, which is the namespace of its configuration. */
  readonly name?: string;
  /** More options of Node for the program and for plugins that are Node programs. */
  readonly nodeOptions?: readonly string[];
  /** Name of a provider to the folder that holds `pulumi-resource-NAME`. */
  readonly providers?: Readonly<Record<string, string>>;
  /** npm packages that the program imports, name to folder. `@pulumi/pulumi` is there already. */
  readonly packages?: Readonly<Record<string, string>>;
  /** On top of PATH, HOME and the settings that keep the CLI to itself. */
  readonly env?: Readonly<Record<string, string>>;
}

export interface Preview extends CommandResult {
  /** The steps planned, without those that leave a resource as it is. */
  readonly steps: readonly PulumiStep[];
  /** What `preview --json` prints. */
  readonly json: ShownJson;
}

const require = createRequire(import.meta.url);
const STACK = "test";
const PROJECT = "relay-test";
/**
 * Loaded into the program's process. The SDK maps its stack traces to paths of its sources, as
 * node_modules/@pulumi/resource.ts, and prints an error of the program with `util.inspect` in colours: Node 20.20 then
 * looks for the end of the package's name for ever, and the program hangs instead of failing.
 */
const WITHOUT_SOURCE_MAPS = `Object.defineProperty(Error, "prepareStackTrace", { get() {}, set() {} });\n`;

/** A project with one stack, `test`, whose state is in files of its own, worked on by the CLI in a process for each command. */
export class PulumiProject {
  readonly engine: PulumiEngine;
  readonly folder: string;
  /** The environment of every command. */
  readonly env: Readonly<Record<string, string>>;
  readonly #toEnd = new Set<RunningCommand>();

  constructor(engine: PulumiEngine, folder: string, env: Readonly<Record<string, string>>) {
    this.engine = engine;
    this.folder = folder;
    this.env = env;
  }

  /** Writes a file of the program. `x.ts` becomes `x.js`. */
  async write(name: string, text: string): Promise<void> {
    const file = join(this.folder, name);
    await mkdir(dirname(file), { recursive: true });
    if (!name.endsWith(".ts")) return writeFile(file, text);
    const { default: typescript } = await import("typescript");
    const compiled = typescript.transpileModule(text, {
      fileName: name,
      compilerOptions: {
        module: typescript.ModuleKind.CommonJS,
        target: typescript.ScriptTarget.ES2023,
        esModuleInterop: true,
      },
    });
    await writeFile(`${file.slice(0, -".ts".length)}.js`, compiled.outputText);
  }

  /** Starts a command and returns while it runs. */
  start(args: readonly string[], { env = {}, timeoutMs }: CommandSettings = {}): RunningCommand {
    const running = startCommand(this.engine.file, ["--non-interactive", "--color=never", ...args], {
      cwd: this.folder,
      env: { ...this.env, ...env },
      ...(timeoutMs === undefined ? {} : { timeoutMs }),
    });
    this.#toEnd.add(running);
    // A command that was killed may have left plugins behind.
    void running.done.then(({ signal }) => signal === null && this.#toEnd.delete(running)).catch(() => {});
    return running;
  }

  /** Runs a command to its end, whatever its exit code. */
  run(args: readonly string[], settings?: CommandSettings): Promise<CommandResult> {
    return this.start(args, settings).done;
  }

  /** Runs a command and throws what it printed when its exit code is not 0. */
  async must(args: readonly string[], settings?: CommandSettings): Promise<CommandResult> {
    return mustSucceed(await this.run(args, settings));
  }

  /** Sets configuration of the stack; `secret` encrypts it. */
  async config(key: string, value: string, { secret = false } = {}): Promise<void> {
    await this.must(["config", "set", `--stack=${STACK}`, secret ? "--secret" : "--plaintext", key, "--", value]);
  }

  /** Previews. Throws what was printed when that fails; for expected errors use `run(["preview"])`. */
  async preview(args: readonly string[] = [], settings?: CommandSettings): Promise<Preview> {
    const result = await this.must(["preview", `--stack=${STACK}`, "--json", ...args], settings);
    const json = JSON.parse(result.stdout) as ShownJson;
    const steps = ((json.steps ?? []) as PulumiStep[]).filter(({ op }) => op !== "same");
    return { ...result, steps, json };
  }

  /** `up` without asking. Throws what was printed when it fails; for expected errors use `tryUp`. */
  async up(args: readonly string[] = [], settings?: CommandSettings): Promise<PulumiRun> {
    return mustRun(await this.tryUp(args, settings));
  }

  /** `up` without asking, whatever the exit code. */
  tryUp(args: readonly string[] = [], settings?: CommandSettings): Promise<PulumiRun> {
    return this.#change("up", args, settings);
  }

  async refresh(args: readonly string[] = [], settings?: CommandSettings): Promise<PulumiRun> {
    return mustRun(await this.#change("refresh", args, settings));
  }

  async destroy(args: readonly string[] = [], settings?: CommandSettings): Promise<PulumiRun> {
    return mustRun(await this.#change("destroy", args, settings));
  }

  /** `import TYPE NAME ID`, whatever the exit code. What it generates for the program is on `stdout`. */
  import(type: string, name: string, id: string, settings?: CommandSettings): Promise<CommandResult> {
    const args = ["import", `--stack=${STACK}`, "--yes", "--skip-preview", "--protect=false", type, name, id];
    return this.run(args, settings);
  }

  async #change(command: string, args: readonly string[], settings?: CommandSettings): Promise<PulumiRun> {
    const all = [command, `--stack=${STACK}`, "--yes", "--skip-preview", "--json", ...args];
    return readEvents(await this.run(all, settings));
  }

  /** Outputs of the stack, secret ones in plain text. */
  async outputs(): Promise<Record<string, ShownJson>> {
    const { stdout } = await this.must(["stack", "output", `--stack=${STACK}`, "--json", "--show-secrets"]);
    return JSON.parse(stdout) as Record<string, ShownJson>;
  }

  /** Resources of the stack as its state holds them, the stack and providers included, secrets encrypted. */
  async resources(): Promise<readonly ShownJson[]> {
    const { stdout } = await this.must(["stack", "export", `--stack=${STACK}`]);
    const { deployment } = JSON.parse(stdout) as { deployment: { resources?: ShownJson[] } };
    return deployment.resources ?? [];
  }

  /** Everything on disk as the state, history and backups included, for finding what must not be in it. */
  async stateText(): Promise<string> {
    const folder = stateFolder(this.folder);
    const entries = await readdir(folder, { recursive: true, withFileTypes: true });
    const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
    return (await Promise.all(files.map((file) => readFile(file, "utf8")))).join("\n");
  }

  /** The stack with a program inside this process, through the Automation API. */
  async inlineStack(program: PulumiFn): Promise<Stack> {
    const { LocalWorkspace, PulumiCommand } = await import("@pulumi/pulumi/automation/index.js");
    return LocalWorkspace.selectStack(
      { stackName: STACK, projectName: PROJECT, program },
      {
        workDir: this.folder,
        envVars: this.env,
        pulumiCommand: await PulumiCommand.get({ root: homeFolder(this.folder), skipVersionCheck: true }),
      },
    );
  }

  /** Kills what still runs and removes the folder. Destroys nothing that was made. */
  async close(): Promise<void> {
    await Promise.all([...this.#toEnd].map((command) => command.end()));
    await rm(this.folder, { recursive: true, force: true });
  }
}

function mustRun(run: PulumiRun): PulumiRun {
  mustSucceed(run);
  return run;
}

function homeFolder(folder: string): string {
  return join(folder, ".home");
}

function stateFolder(folder: string): string {
  return join(homeFolder(folder), "state");
}

async function linkPackage(folder: string, name: string, target: string): Promise<void> {
  const link = join(folder, "node_modules", name);
  await mkdir(dirname(link), { recursive: true });
  await symlink(target, link, "junction");
}

/** Lays out a project with an empty stack in a new temporary folder. Close it after the test. */
export async function makePulumiProject(engine: PulumiEngine, options: PulumiProjectOptions): Promise<PulumiProject> {
  const { program = {}, name = PROJECT, nodeOptions = [], providers = {}, packages = {}, env = {} } = options;
  const folder = await mkdtemp(join(tmpdir(), "relay-pulumi-"));
  const home = homeFolder(folder);
  await mkdir(stateFolder(folder), { recursive: true });
  // The Automation API looks for the CLI in the bin folder of an installation.
  await symlink(dirname(engine.file), join(home, "bin"), "junction");
  const preload = join(home, "without-source-maps.cjs");
  await writeFile(preload, WITHOUT_SOURCE_MAPS);
  const project = new PulumiProject(engine, folder, {
    // The language host is beside the CLI, and finds the Node that runs this test.
    PATH: [dirname(engine.file), dirname(process.execPath), process.env.PATH ?? ""].join(delimiter),
    HOME: home,
    TMPDIR: home,
    PULUMI_HOME: join(home, ".pulumi"),
    PULUMI_BACKEND_URL: `file://${stateFolder(folder)}`,
    PULUMI_CONFIG_PASSPHRASE: "only for tests",
    PULUMI_SKIP_UPDATE_CHECK: "true",
    PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: "true",
    NODE_OPTIONS: [`--require=${JSON.stringify(preload)}`, ...nodeOptions].join(" "),
    ...env,
  });
  const files = typeof program === "string" ? { "index.js": program } : program;
  for (const [file, text] of Object.entries(files)) await project.write(file, text);
  const own = ["index.mjs", "index.js", "index.ts"].find((file) => file in files)?.replace(".ts", ".js") ?? ".";
  const plugins = Object.entries(providers).map(([plugin, path]) => ({ name: plugin, path }));
  // JSON is YAML.
  await project.write(
    "Pulumi.yaml",
    JSON.stringify({
      name,
      runtime: { name: "nodejs", options: { typescript: false } },
      main: options.main ?? own,
      ...(plugins.length === 0 ? {} : { plugins: { providers: plugins } }),
    }),
  );
  await project.write("package.json", JSON.stringify({ name, private: true }));
  await linkPackage(folder, "@pulumi/pulumi", dirname(require.resolve("@pulumi/pulumi/package.json")));
  for (const [each, target] of Object.entries(packages)) await linkPackage(folder, each, target);
  await project.must(["stack", "init", STACK]);
  return project;
}
