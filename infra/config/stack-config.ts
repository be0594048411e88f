import * as pulumi from "@pulumi/pulumi";
import { ConfigError, type RelayConfig, readConfig } from "./read-config.js";
import { stackNameProblem } from "./stack-name.js";

/** The configuration of the stack that is being deployed. Throws a ConfigError when it cannot be. */
export function stackConfig(): RelayConfig {
  const own = new pulumi.Config();
  const google = new pulumi.Config("gcp");
  const prefix = `${pulumi.getProject()}:`;
  const keys = Object.keys(pulumi.runtime.allConfig())
    .filter((key) => key.startsWith(prefix))
    .map((key) => key.slice(prefix.length));
  const config = readConfig({ get: (key) => own.get(key), gcp: (key) => google.get(key), keys });
  const problem = stackNameProblem(pulumi.getStack(), config.project);
  if (problem !== undefined) throw new ConfigError(problem);
  return config;
}
