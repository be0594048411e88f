import { chmod, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import type { PulumiEngine } from "../../../provider-schema/test/support/engines.js";
import type { CommandResult } from "../../../provider-schema/test/support/run-command.js";
import type { Level } from "../../config/level.js";
import { CHANGED_INPUTS, type ChangedInputs } from "../changed-program/changed-inputs.js";
import type { ControlPlane } from "./control-plane.js";
import { type InfraProject, makeInfraProject } from "./infra-project.js";
import { relayProgram } from "./relay-program.js";

const POLICY_PACK = fileURLToPath(new URL("../../policy", import.meta.url));
const CHANGED_PROGRAM = fileURLToPath(new URL("../changed-program/index.ts", import.meta.url));
const LANGUAGE_HOST = fileURLToPath(new URL("./language-host.mjs", import.meta.url));
const LONG_MS = 280_000;

export interface PolicyRun {
  /** File of policy configuration. */
  readonly config?: string;
  /** What is wrong with the program. */
  readonly change?: ChangedInputs;
}

/** The program at a level, under the real engine with the policy pack. */
export class PolicyProject {
  readonly #infra: InfraProject;
  readonly #host: string;

  constructor(infra: InfraProject, host: string) {
    this.#infra = infra;
    this.#host = host;
  }

  /** Previews, whatever the exit code. */
  preview(run: PolicyRun = {}): Promise<CommandResult> {
    return this.#run(["preview", "--diff"], run);
  }

  /** `up` without a preview, whatever the exit code. */
  up(run: PolicyRun = {}): Promise<CommandResult> {
    return this.#run(["up", "--yes", "--skip-preview"], run);
  }

  #run(command: readonly string[], { config, change }: PolicyRun): Promise<CommandResult> {
    const options = config === undefined ? [] : [`--policy-pack-config=${config}`];
    return this.#infra.project.run([...command, "--stack=test", `--policy-pack=${POLICY_PACK}`, ...options], {
      timeoutMs: LONG_MS,
      env: { [CHANGED_INPUTS]: JSON.stringify(change ?? {}) },
    });
  }

  /** Types of what the stack holds. */
  async resourceTypes(): Promise<readonly unknown[]> {
    return (await this.#infra.project.resources()).map(({ type }) => type);
  }

  async close(): Promise<void> {
    await this.#infra.close();
    await rm(this.#host, { recursive: true, force: true });
  }
}

/** Lays out such a project, in which every cluster is the control plane. Close it after the test. */
export async function makePolicyProject(
  engine: PulumiEngine,
  level: Level,
  cluster?: ControlPlane,
): Promise<PolicyProject> {
  const host = await mkdtemp(join(tmpdir(), "relay-policy-"));
  const real = join(dirname(engine.file), "pulumi-language-nodejs");
  const words = [process.execPath, LANGUAGE_HOST, real].map((word) => `"${word}"`).join(" ");
  await writeFile(join(host, "pulumi-language-nodejs"), `#!/bin/sh\nexec ${words} "$@"\n`);
  await chmod(join(host, "pulumi-language-nodejs"), 0o755);
  const { project: name, config } = relayProgram(level);
  const options = { main: CHANGED_PROGRAM, name, config, path: [host], ...(cluster === undefined ? {} : { cluster }) };
  return new PolicyProject(await makeInfraProject(engine, options), host);
}
