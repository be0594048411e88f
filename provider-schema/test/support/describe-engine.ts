import { describe, test } from "vitest";
import {
  dockerfileLint,
  type EngineKind,
  type KubernetesEngine,
  kubernetesEngines,
  type PulumiEngine,
  pulumiEngines,
  type TerraformEngine,
  terraformEngines,
} from "./engines.js";

declare module "vitest" {
  interface TaskMeta {
    /** On a test that stands for the tests which could not run. */
    needsEngine?: EngineKind;
  }
}

/** A skipped test in their place: it is counted, and the run's last line tells how to get the engine. */
function skipFor(kind: EngineKind, name: string): void {
  describe(name, () => {
    test.skip(`needs an engine: ${kind}`, { meta: { needsEngine: kind } }, () => {});
  });
}

/**
 * An engine that is not ours gets a second try: vitest's report names what needed it. Tests that look for losses say
 * `retry: 0`.
 */
const ENGINE_TESTS = { retry: 1 };

/**
 * Describes tests once for each engine of Terraform configurations that is there: "NAME under terraform 1.11.4". What
 * does not run under OpenTofu, because it was not built, is counted as skipped.
 */
export function describeTerraform(name: string, tests: (engine: TerraformEngine) => void): void {
  const engines = terraformEngines();
  if (!engines.some(({ name }) => name === "tofu")) skipFor("terraform", name);
  for (const engine of engines)
    describe(`${name} under ${engine.name} ${engine.version}`, ENGINE_TESTS, () => tests(engine));
}

/** The same for the Pulumi CLI: "NAME under pulumi 3.259.0". */
export function describePulumi(name: string, tests: (engine: PulumiEngine) => void): void {
  const engines = pulumiEngines();
  if (engines.length === 0) skipFor("pulumi", name);
  for (const engine of engines) describe(`${name} under pulumi ${engine.version}`, ENGINE_TESTS, () => tests(engine));
}

/** The same for the check of Dockerfiles; `tests` get the program's file. */
export function describeDockerfileLint(name: string, tests: (file: string) => void): void {
  const file = dockerfileLint();
  if (file === undefined) skipFor("container", name);
  else describe(name, () => tests(file));
}

/** The same for the control plane of Kubernetes: "NAME on kubernetes 1.34.1". */
export function describeKubernetes(name: string, tests: (engine: KubernetesEngine) => void): void {
  const engines = kubernetesEngines();
  if (engines.length === 0) skipFor("kubernetes", name);
  for (const engine of engines) describe(`${name} on kubernetes ${engine.version}`, ENGINE_TESTS, () => tests(engine));
}
