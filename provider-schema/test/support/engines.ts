import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";

/** Where `npm run engines` puts what it builds. */
const ENGINES_FOLDER = fileURLToPath(new URL("../../../.engines", import.meta.url));

/** A command-line program that runs Terraform configurations. */
export interface TerraformEngine {
  readonly name: "terraform" | "tofu";
  /** Absolute path of the executable. */
  readonly file: string;
  /** As "1.11.4". */
  readonly version: string;
}

/** The Pulumi CLI, with the language host of Node programs beside it. */
export interface PulumiEngine {
  readonly file: string;
  /** As "3.259.0". */
  readonly version: string;
}

/** The control plane of a Kubernetes cluster, without nodes. */
export interface KubernetesEngine {
  /** As "1.34.1". */
  readonly version: string;
  /** Absolute paths of the executables. */
  readonly apiServer: string;
  readonly controllerManager: string;
  readonly etcd: string;
  /** Folder of the Gateway API's definitions of kinds, as YAML. */
  readonly gatewayApi: string;
}

/** What tests run under when it is there. */
export type EngineKind = "terraform" | "pulumi" | "container" | "kubernetes";

/** What `npm run engines` builds for each kind. */
const PROGRAMS = {
  terraform: ["tofu", "terraform-provider-time"],
  pulumi: ["pulumi", "pulumi-language-nodejs"],
  container: ["dockerfile-lint"],
  kubernetes: ["kube-apiserver", "kube-controller-manager", "etcd", "gateway-api-crds"],
} as const;
/** Commands that are about tests of one kind or several: these then have to have their engines. */
const ASKED_BY: Readonly<Record<EngineKind, readonly string[]>> = {
  terraform: ["test:terraform"],
  pulumi: ["test:pulumi", "test:infra:engine"],
  container: ["test:container"],
  kubernetes: ["test:infra:engine"],
};
const SUFFIX = process.platform === "win32" ? ".exe" : "";
const found = new Map<string, TerraformEngine | undefined>();

function built(program: string): string | undefined {
  const files = [join(ENGINES_FOLDER, program + SUFFIX), join(ENGINES_FOLDER, program)];
  return files.find((file) => existsSync(file));
}

function onPath(program: string): string | undefined {
  const folders = (process.env.PATH ?? "").split(delimiter).filter((folder) => folder !== "");
  return folders.map((folder) => join(folder, program + SUFFIX)).find((file) => existsSync(file));
}

/** Output of a command that tells a version, in an environment without the user's settings. */
function ask(file: string, args: readonly string[]): string {
  return execFileSync(file, args, {
    encoding: "utf8",
    stdio: ["ignore", "pipe", "ignore"],
    env: { PATH: process.env.PATH ?? "", HOME: tmpdir(), CHECKPOINT_DISABLE: "1", PULUMI_SKIP_UPDATE_CHECK: "true" },
  });
}

function terraformEngine(name: TerraformEngine["name"], file: string | undefined): TerraformEngine | undefined {
  if (!found.has(name) && file !== undefined) {
    const { terraform_version: version } = JSON.parse(ask(file, ["version", "-json"])) as { terraform_version: string };
    found.set(name, { name, file, version });
  }
  return found.get(name);
}

/** Whether this run has to have its engines: in CI, and where somebody asked for just these tests. */
function required(kind: EngineKind): boolean {
  return process.env.CI === "true" || ASKED_BY[kind].includes(process.env.npm_lifecycle_event ?? "");
}

/** What `npm run engines` would have to build for tests of these kinds. */
export function missingEngines(...kinds: readonly EngineKind[]): readonly string[] {
  return kinds.flatMap((kind) => PROGRAMS[kind]).filter((program) => built(program) === undefined);
}

/** One sentence on what is missing and the command that provides it. */
export function tellMissing(programs: readonly string[]): string {
  return `missing: ${programs.join(", ")}. With Go installed, npm run engines builds what is missing.`;
}

/**
 * The engines that Terraform configurations can be tested under: `terraform` of PATH and the OpenTofu that
 * `npm run engines` built. Empty when there is neither. Throws in CI when OpenTofu is missing, and in
 * `npm run test:terraform` when both are.
 */
export function terraformEngines(): readonly TerraformEngine[] {
  const engines = [terraformEngine("terraform", onPath("terraform")), terraformEngine("tofu", built("tofu"))].filter(
    (engine) => engine !== undefined,
  );
  const missing = missingEngines("terraform");
  if (missing.length > 0 && required("terraform") && (process.env.CI === "true" || engines.length === 0)) {
    throw new Error(`These tests need Terraform or OpenTofu; ${tellMissing(missing)}`);
  }
  return engines;
}

/**
 * The Pulumi CLI that `npm run engines` built, in an array for `describe.each`; empty when it is missing. Throws when it
 * is missing in CI and where just its tests were asked for.
 */
export function pulumiEngines(): readonly PulumiEngine[] {
  const missing = missingEngines("pulumi");
  const file = built("pulumi");
  if (missing.length === 0 && file !== undefined) {
    return [{ file, version: ask(file, ["version"]).trim().replace(/^v/, "") }];
  }
  if (required("pulumi")) throw new Error(`These tests need the Pulumi CLI; ${tellMissing(missing)}`);
  return [];
}

/** The check of Dockerfiles; undefined when it is missing. Throws when it is missing in CI and in `npm run test:container`. */
export function dockerfileLint(): string | undefined {
  const missing = missingEngines("container");
  if (missing.length > 0 && required("container"))
    throw new Error(`Dockerfiles cannot be checked; ${tellMissing(missing)}`);
  return built("dockerfile-lint");
}

/**
 * The control plane of Kubernetes that `npm run engines` built, in an array for `describe.each`; empty when a part of it is
 * missing. Throws then in CI and in `npm run test:infra:engine`.
 */
export function kubernetesEngines(): readonly KubernetesEngine[] {
  const missing = missingEngines("kubernetes");
  const [apiServer, controllerManager, etcd, gatewayApi] = PROGRAMS.kubernetes.map(built);
  if (apiServer && controllerManager && etcd && gatewayApi) {
    const version = ask(apiServer, ["--version"])
      .trim()
      .replace(/^Kubernetes v/, "");
    return [{ version, apiServer, controllerManager, etcd, gatewayApi }];
  }
  if (required("kubernetes")) throw new Error(`These tests need an API server; ${tellMissing(missing)}`);
  return [];
}

/** HashiCorp's provider `time`, the Go provider that ours is compared with; undefined when it is missing. */
export function timeProvider(): { readonly folder: string; readonly file: string } | undefined {
  const file = built("terraform-provider-time");
  return file === undefined ? undefined : { folder: ENGINES_FOLDER, file };
}
