import { chmod, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import type { PulumiEngine } from "../../../provider-schema/test/support/engines.js";
import { makePulumiProject, type PulumiProject } from "../../../provider-schema/test/support/pulumi-project.js";
import type { InventoryEntry } from "./inventory-resources.js";

/** Folder of the policy pack, as a user names it. */
export const POLICY_PACK = fileURLToPath(new URL("../../policy", import.meta.url));

const LANGUAGE_HOST = fileURLToPath(new URL("./language-host.mjs", import.meta.url));
const PROVIDER = fileURLToPath(new URL("./echo-provider.mjs", import.meta.url));

/**
 * Registers what `declared.json` lists. What comes from outputs of others is computed from their ids, so that it is not
 * yet known in a preview.
 */
const PROGRAM = `
  const pulumi = require("@pulumi/pulumi");
  const made = new Map();
  let kubernetes;
  for (const entry of JSON.parse(require("fs").readFileSync("declared.json", "utf8"))) {
    const { type, name, urn, inputs, dependsOn, propertyDependencies, protect, retainOnDelete } = entry;
    const args = { ...inputs };
    for (const [property, urns] of Object.entries(propertyDependencies)) {
      args[property] = pulumi.all(urns.map((each) => made.get(each).id)).apply(() => inputs[property]);
    }
    const options = { dependsOn: dependsOn.map((each) => made.get(each)).filter(Boolean), protect, retainOnDelete };
    if (type.startsWith("kubernetes:")) options.provider = kubernetes;
    made.set(urn, type.startsWith("pulumi:providers:")
      ? new pulumi.ProviderResource(type.split(":")[2], name, args, options)
      : new pulumi.CustomResource(type, name, args, options));
    if (type === "pulumi:providers:kubernetes") kubernetes = made.get(urn);
  }
`;

async function writeScript(file: string, ...command: readonly string[]): Promise<void> {
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, `#!/bin/sh\nexec ${command.map((word) => `"${word}"`).join(" ")} "$@"\n`);
  await chmod(file, 0o755);
}

/** A project whose program registers an inventory, under the real engine. */
export class PolicyProject {
  readonly #project: PulumiProject;
  readonly #plugins: string;

  constructor(project: PulumiProject, plugins: string) {
    this.#project = project;
    this.#plugins = plugins;
  }

  /** Previews with the policy pack, whatever the exit code. `config` is a file of policy configuration. */
  async preview(inventory: readonly InventoryEntry[], config?: string) {
    return this.#run("preview", inventory, config);
  }

  /** The same for `up`, without a preview. */
  async up(inventory: readonly InventoryEntry[]) {
    return this.#run("up", inventory);
  }

  async #run(command: "preview" | "up", inventory: readonly InventoryEntry[], config?: string) {
    await this.#project.write("declared.json", JSON.stringify(inventory));
    return this.#project.run(
      [
        command,
        "--stack=test",
        "--diff",
        ...(command === "up" ? ["--yes", "--skip-preview"] : []),
        `--policy-pack=${POLICY_PACK}`,
        ...(config === undefined ? [] : [`--policy-pack-config=${config}`]),
      ],
      { timeoutMs: 240_000 },
    );
  }

  /** Types of what the stack holds. */
  async resourceTypes(): Promise<readonly unknown[]> {
    return (await this.#project.resources()).map(({ type }) => type);
  }

  async close(): Promise<void> {
    await this.#project.close();
    await rm(this.#plugins, { recursive: true, force: true });
  }
}

/** Lays out such a project. Close it after the test. */
export async function makePolicyProject(engine: PulumiEngine): Promise<PolicyProject> {
  const plugins = await mkdtemp(join(tmpdir(), "relay-policy-"));
  const real = join(dirname(engine.file), "pulumi-language-nodejs");
  await writeScript(join(plugins, "host", "pulumi-language-nodejs"), process.execPath, LANGUAGE_HOST, real);
  for (const name of ["gcp", "kubernetes"]) {
    await writeScript(join(plugins, name, `pulumi-resource-${name}`), process.execPath, PROVIDER);
  }
  const project = await makePulumiProject(engine, {
    program: PROGRAM,
    providers: { gcp: join(plugins, "gcp"), kubernetes: join(plugins, "kubernetes") },
    env: {
      PATH: [join(plugins, "host"), dirname(engine.file), dirname(process.execPath), process.env.PATH ?? ""].join(
        delimiter,
      ),
    },
  });
  return new PolicyProject(project, plugins);
}
