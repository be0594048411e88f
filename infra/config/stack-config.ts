import * as pulumi from "@pulumi/pulumi";
import { type RelayConfig, readConfig } from "./read-config.js";

/** The configuration of the stack that is being deployed. Throws a ConfigError when it cannot be. */
export function stackConfig(): RelayConfig {
  const own = new pulumi.Config();
  const google = new pulumi.Config("gcp");
  const prefix = `${pulumi.getProject()}:`;
  const keys = Object.keys(pulumi.runtime.allConfig())
    .filter((key) => key.startsWith(prefix))
    .map((key) => key.slice(prefix.length));
  return readConfig({ get: (key) => own.get(key), gcp: (key) => google.get(key), keys });
}
