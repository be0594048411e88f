import * as pulumi from "@pulumi/pulumi";
import { ConfigError, type RelayConfig, readConfig } from "./read-config.js";
import { stackNameProblem } from "./stack-name.js";

/**
 * The configuration of the stack that is being deployed. Throws a RunError when it cannot be, which the engine shows as it
 * is, without a stack trace.
 */
export function stackConfig(): RelayConfig {
  try {
    return checkedConfig();
  } catch (error) {
    if (error instanceof ConfigError) throw new pulumi.RunError(error.message);
    throw error;
  }
}

function checkedConfig(): RelayConfig {
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
