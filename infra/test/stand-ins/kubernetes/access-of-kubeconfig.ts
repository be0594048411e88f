import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { parse } from "yaml";
import type { KubernetesAccess } from "../../support/kubernetes-api.js";

interface Kubeconfig {
  readonly "current-context"?: string;
  readonly contexts?: readonly {
    readonly name: string;
    readonly context: { readonly cluster: string; readonly user: string };
  }[];
  readonly clusters?: readonly {
    readonly name: string;
    readonly cluster: { readonly server: string; readonly "certificate-authority-data"?: string };
  }[];
  readonly users?: readonly { readonly name: string; readonly user: User }[];
}

interface User {
  readonly token?: string;
  readonly exec?: {
    readonly apiVersion: string;
    readonly command: string;
    readonly args?: readonly string[] | null;
    readonly env?: readonly { readonly name: string; readonly value: string }[] | null;
  };
}

const run = promisify(execFile);

/**
 * How a kubeconfig, as YAML or JSON, says to get into a cluster: by a token, or by a program that gives one. Throws for what
 * is no kubeconfig, and when the program fails.
 */
export async function accessOfKubeconfig(text: string): Promise<KubernetesAccess> {
  const config = parse(text) as Kubeconfig | null;
  const current = config?.["current-context"];
  const context = config?.contexts?.find(({ name }) => name === current)?.context;
  const cluster = config?.clusters?.find(({ name }) => name === context?.cluster)?.cluster;
  const user = config?.users?.find(({ name }) => name === context?.user)?.user;
  if (cluster === undefined || user === undefined) {
    throw new Error(`kubeconfig: the current context ${JSON.stringify(current)} leads to no cluster and user`);
  }
  const authority = cluster["certificate-authority-data"];
  return {
    server: cluster.server,
    ca: authority === undefined ? undefined : Buffer.from(authority, "base64").toString("utf8"),
    token: await tokenOf(user),
  };
}

async function tokenOf({ token, exec }: User): Promise<string> {
  if (token !== undefined) return token;
  if (exec === undefined) throw new Error("kubeconfig: the user has neither a token nor a program that gives one");
  const env = Object.fromEntries((exec.env ?? []).map(({ name, value }) => [name, value]));
  const { stdout } = await run(exec.command, exec.args ?? [], { env: { ...process.env, ...env } });
  const answer = JSON.parse(stdout) as { readonly apiVersion: string; readonly status: { readonly token: string } };
  if (answer.apiVersion !== exec.apiVersion) {
    throw new Error(
      `kubeconfig: ${exec.command} answers as ${answer.apiVersion}, and ${exec.apiVersion} was asked for`,
    );
  }
  return answer.status.token;
}
