import { execFile, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { delimiter, join } from "node:path";
import { promisify } from "node:util";
import { inRepository } from "./repository.js";

const run = promisify(execFile);
const WATCH_MS = 10;

/** `terraform` of PATH, or the OpenTofu that was built; undefined without either. */
export function terraformProgram(): string | undefined {
  const folders = (process.env.PATH ?? "").split(delimiter).filter((folder) => folder !== "");
  return [...folders.map((folder) => join(folder, "terraform")), inRepository(".engines/tofu")].find(existsSync);
}

/** A configuration with one provider from a folder, whose resources exist. */
export class TerraformPlan {
  readonly #program: string;
  readonly #folder: string;
  readonly #env: NodeJS.ProcessEnv;

  private constructor(program: string, folder: string, env: NodeJS.ProcessEnv) {
    this.#program = program;
    this.#folder = folder;
    this.#env = env;
  }

  /** Writes the configuration and applies it. */
  static async make(
    program: string,
    { folder, source, provider, resources, env = {} }: PlanOptions,
  ): Promise<TerraformPlan> {
    await mkdir(folder, { recursive: true });
    const config = join(folder, "cli.tfrc");
    const overrides = `dev_overrides {\n    ${JSON.stringify(source)} = ${JSON.stringify(provider)}\n  }`;
    await writeFile(config, `disable_checkpoint = true\nprovider_installation {\n  ${overrides}\n}\n`);
    const name = source.slice(source.lastIndexOf("/") + 1);
    await writeFile(
      join(folder, "main.tf.json"),
      JSON.stringify({ terraform: { required_providers: { [name]: { source } } }, resource: resources }),
    );
    const plan = new TerraformPlan(program, folder, {
      PATH: process.env.PATH,
      HOME: folder,
      TF_CLI_CONFIG_FILE: config,
      CHECKPOINT_DISABLE: "1",
      ...env,
    });
    await run(program, ["apply", "-auto-approve", "-input=false"], { cwd: folder, env: plan.#env, maxBuffer: 1 << 26 });
    return plan;
  }

  /** Milliseconds of one plan that finds nothing to do. Throws what was printed when it fails or finds something. */
  async time(): Promise<number> {
    const begin = performance.now();
    await run(this.#program, ["plan", "-detailed-exitcode", "-input=false"], { cwd: this.#folder, env: this.#env });
    return performance.now() - begin;
  }

  /** The most memory, in MiB, that any process of the program `executable` takes during one plan. Linux only; 0 elsewhere. */
  async providerPeakMiB(executable: string): Promise<number> {
    const child = spawn(this.#program, ["plan", "-input=false"], {
      cwd: this.#folder,
      env: this.#env,
      stdio: "ignore",
    });
    let peak = 0;
    let running = true;
    child.on("close", () => {
      running = false;
    });
    while (running) {
      peak = Math.max(peak, await peakMiB(executable));
      await new Promise((resolve) => setTimeout(resolve, WATCH_MS));
    }
    return peak;
  }
}

export interface PlanOptions {
  readonly folder: string;
  readonly source: string;
  /** Folder of the provider's executable. */
  readonly provider: string;
  readonly resources: object;
  readonly env?: Readonly<Record<string, string>>;
}

async function peakMiB(executable: string): Promise<number> {
  const pids = await readdir("/proc").catch(() => []);
  const peaks = await Promise.all(
    pids
      .filter((pid) => /^\d+$/.test(pid))
      .map(async (pid) => {
        const line = await readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => "");
        if (!line.includes(executable)) return 0;
        const status = await readFile(`/proc/${pid}/status`, "utf8").catch(() => "");
        return Number(/VmHWM:\s+(\d+)/.exec(status)?.[1] ?? 0) / 1024;
      }),
  );
  return Math.max(0, ...peaks);
}
