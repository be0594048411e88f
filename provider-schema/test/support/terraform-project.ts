import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type { TerraformEngine } from "./engines.js";
import { type CommandResult, mustSucceed, type RunningCommand, startCommand } from "./run-command.js";

/** How an engine gets at providers. Nothing is ever downloaded: there is no `direct` installation. */
export interface ProviderSources {
  /** Source address to the folder that holds the executable. Needs no `init`. */
  readonly devOverrides?: Readonly<Record<string, string>>;
  /** A folder laid out as HOST/NAMESPACE/TYPE/... Needs `init`. */
  readonly filesystemMirror?: string;
  /** Source address to a provider that already listens. Needs no `init`. */
  readonly reattach?: Readonly<Record<string, ReattachProvider>>;
}

/** One entry of TF_REATTACH_PROVIDERS. */
export interface ReattachProvider {
  readonly Protocol: "grpc";
  readonly ProtocolVersion: 5 | 6;
  readonly Pid: number;
  readonly Test: true;
  readonly Addr: { readonly Network: "unix" | "tcp"; readonly String: string };
}

export interface TerraformProjectOptions {
  /** File name in the project's folder to its content: text (HCL), or a value that is written as JSON (`main.tf.json`). */
  readonly files: Readonly<Record<string, unknown>>;
  readonly providers?: ProviderSources;
  /** On top of PATH, HOME and the settings for use by programs, as TF_VAR_x. */
  readonly env?: Readonly<Record<string, string>>;
}

export interface CommandSettings {
  /** On top of the project's. */
  readonly env?: Readonly<Record<string, string>>;
  readonly timeoutMs?: number;
}

/** An object of the JSON that `show -json` prints. */
// biome-ignore lint/suspicious/noExplicitAny: tests look into whatever the engine prints
export type ShownJson = any;

export type PlannedAction = "no-op" | "create" | "read" | "update" | "delete" | "forget";

export interface Plan extends CommandResult {
  /** Whether applying it would change anything, outputs included. */
  readonly changes: boolean;
  /** Address to what is planned, in this order: `["delete", "create"]` is a replacement. Without resources that stay as they are. */
  readonly actions: Readonly<Record<string, readonly PlannedAction[]>>;
  /** The plan as `show -json` tells it. */
  readonly json: ShownJson;
  /** File of the plan, for `apply`. */
  readonly file: string;
}

/** A configuration in a folder of its own, worked on by an engine in a process of its own for each command. */
export class TerraformProject {
  readonly engine: TerraformEngine;
  readonly folder: string;
  readonly #env: Readonly<Record<string, string>>;
  readonly #toEnd = new Set<RunningCommand>();
  #plans = 0;

  constructor(engine: TerraformEngine, folder: string, env: Readonly<Record<string, string>>) {
    this.engine = engine;
    this.folder = folder;
    this.#env = env;
  }

  /** Writes a file of the configuration: text as it is, anything else as JSON. */
  async write(name: string, content: unknown): Promise<void> {
    const file = join(this.folder, name);
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, typeof content === "string" ? content : JSON.stringify(content));
  }

  /** Starts a command and returns while it runs. */
  start(args: readonly string[], { env = {}, timeoutMs }: CommandSettings = {}): RunningCommand {
    const running = startCommand(this.engine.file, args, {
      cwd: this.folder,
      env: { ...this.#env, ...env },
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

  init(settings?: CommandSettings): Promise<CommandResult> {
    return this.must(["init", "-input=false", "-no-color"], settings);
  }

  /** Plans into a file. Throws what was printed when there is no plan; for expected errors use `tryPlan`. */
  async plan(args: readonly string[] = [], settings?: CommandSettings): Promise<Plan> {
    this.#plans += 1;
    const file = join(this.folder, `${this.#plans}.tfplan`);
    const result = mustSucceed(await this.tryPlan(["-detailed-exitcode", `-out=${file}`, ...args], settings), [0, 2]);
    const json = JSON.parse((await this.must(["show", "-json", file], settings)).stdout) as ShownJson;
    const changes = (json.resource_changes ?? []) as { address: string; change: { actions: PlannedAction[] } }[];
    const actions = changes.map(({ address, change }) => [address, change.actions] as const);
    return {
      ...result,
      changes: result.exitCode === 2,
      actions: Object.fromEntries(actions.filter(([, planned]) => planned.join() !== "no-op")),
      json,
      file,
    };
  }

  /** `plan` without reading its result, whatever the exit code. */
  tryPlan(args: readonly string[] = [], settings?: CommandSettings): Promise<CommandResult> {
    return this.run(["plan", "-input=false", "-no-color", ...args], settings);
  }

  /** Applies a plan, or whatever the configuration asks for now. Throws what was printed when it fails. */
  async apply(plan?: Plan, args: readonly string[] = [], settings?: CommandSettings): Promise<CommandResult> {
    return mustSucceed(await this.tryApply([...args, ...(plan === undefined ? [] : [plan.file])], settings));
  }

  /** `apply` without asking, whatever the exit code. */
  tryApply(args: readonly string[] = [], settings?: CommandSettings): Promise<CommandResult> {
    return this.run(["apply", "-input=false", "-no-color", "-auto-approve", ...args], settings);
  }

  /** `import ADDRESS ID`, whatever the exit code. */
  import(address: string, id: string, settings?: CommandSettings): Promise<CommandResult> {
    return this.run(["import", "-input=false", "-no-color", address, id], settings);
  }

  async destroy(args: readonly string[] = [], settings?: CommandSettings): Promise<CommandResult> {
    return this.must(["destroy", "-input=false", "-no-color", "-auto-approve", ...args], settings);
  }

  /** The state as `show -json` tells it. */
  async state(): Promise<ShownJson> {
    return JSON.parse((await this.must(["show", "-json"])).stdout) as ShownJson;
  }

  /** Values of a resource in the state, by its address in the root module; undefined when it is not there. */
  async resource(address: string): Promise<ShownJson> {
    const state = await this.state();
    const resources = (state.values?.root_module?.resources ?? []) as { address: string; values: ShownJson }[];
    return resources.find((resource) => resource.address === address)?.values;
  }

  /** Values of the outputs, sensitive ones included. */
  async outputs(): Promise<Record<string, ShownJson>> {
    const outputs = JSON.parse((await this.must(["output", "-json"])).stdout) as Record<string, { value: unknown }>;
    return Object.fromEntries(Object.entries(outputs).map(([name, { value }]) => [name, value]));
  }

  /** What is on disk as the state, for finding what must not be in it. Empty before the first apply. */
  async stateText(): Promise<string> {
    return readFile(join(this.folder, "terraform.tfstate"), "utf8").catch(() => "");
  }

  /** Kills what still runs and removes the folder. Destroys nothing that was made. */
  async close(): Promise<void> {
    await Promise.all([...this.#toEnd].map((command) => command.end()));
    await rm(this.folder, { recursive: true, force: true });
  }
}

/** The CLI configuration, which is the only place that providers come from. */
function cliConfiguration({ devOverrides = {}, filesystemMirror }: ProviderSources): string {
  const text = (value: string) => JSON.stringify(value).replaceAll("${", "$${");
  const overrides = Object.entries(devOverrides).map(([source, folder]) => `    ${text(source)} = ${text(folder)}\n`);
  return [
    "disable_checkpoint = true\n",
    "provider_installation {\n",
    overrides.length === 0 ? "" : `  dev_overrides {\n${overrides.join("")}  }\n`,
    filesystemMirror === undefined ? "" : `  filesystem_mirror {\n    path = ${text(filesystemMirror)}\n  }\n`,
    "}\n",
  ].join("");
}

/** Lays out a configuration in a new temporary folder. Close it after the test. */
export async function makeTerraformProject(
  engine: TerraformEngine,
  { files, providers = {}, env = {} }: TerraformProjectOptions,
): Promise<TerraformProject> {
  const folder = await mkdtemp(join(tmpdir(), `relay-${engine.name}-`));
  const home = join(folder, ".home");
  const config = join(home, "cli.tfrc");
  await mkdir(home);
  await writeFile(config, cliConfiguration(providers));
  const project = new TerraformProject(engine, folder, {
    PATH: process.env.PATH ?? "",
    HOME: home,
    TMPDIR: home,
    TF_CLI_CONFIG_FILE: config,
    TF_IN_AUTOMATION: "1",
    CHECKPOINT_DISABLE: "1",
    ...(providers.reattach === undefined ? {} : { TF_REATTACH_PROVIDERS: JSON.stringify(providers.reattach) }),
    ...env,
  });
  for (const [name, content] of Object.entries(files)) await project.write(name, content);
  return project;
}
