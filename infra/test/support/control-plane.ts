import { generateKeyPairSync, randomBytes } from "node:crypto";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { KubernetesEngine } from "../../../provider-schema/test/support/engines.js";
import { type RunningCommand, startCommand } from "../../../provider-schema/test/support/run-command.js";
import { waitFor } from "../../../server/test/support/wait-for.js";
import { freePorts } from "./free-ports.js";
import { installKinds } from "./install-kinds.js";
import { type KubernetesAccess, KubernetesApi } from "./kubernetes-api.js";

/** A control plane of a cluster: nothing runs pods, and whatever else is up to the control plane happens. */
export interface ControlPlane {
  /** With an administrator's token. */
  readonly access: Required<KubernetesAccess>;
  readonly api: KubernetesApi;
  /** Ends its processes and removes its folder. */
  stop(): Promise<void>;
}

const LIFETIME_MS = 30 * 60_000;
const START_MS = 60_000;
const ATTEMPTS = 3;

/**
 * Starts etcd, the API server and the controller manager on free ports with state of their own, and installs the kinds
 * that a cluster of Google's has beside Kubernetes' own. Pod Security, quotas and validating policies are on, as in any
 * cluster. Stop it after the tests.
 */
export async function startControlPlane(engine: KubernetesEngine): Promise<ControlPlane> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await startOnce(engine);
    } catch (error) {
      // Somebody took a port meanwhile.
      if (attempt === ATTEMPTS || !String(error).includes("address already in use")) throw error;
    }
  }
}

async function startOnce(engine: KubernetesEngine): Promise<ControlPlane> {
  const folder = await mkdtemp(join(tmpdir(), "relay-cluster-"));
  const started: RunningCommand[] = [];
  const stop = async (): Promise<void> => {
    // The server before what it stores in.
    for (const command of started.toReversed()) await command.end();
    await rm(folder, { recursive: true, force: true });
  };
  try {
    return await startIn(folder, { engine, started, stop });
  } catch (error) {
    const printed = started.map(({ output }) => output.slice(-4_000)).join("\n");
    await stop();
    throw new Error(`the control plane did not start: ${error}\n${printed}`, { cause: error });
  }
}

async function startIn(
  folder: string,
  { engine, started, stop }: { engine: KubernetesEngine; started: RunningCommand[]; stop: () => Promise<void> },
): Promise<ControlPlane> {
  const run = (file: string, args: readonly string[]): RunningCommand => {
    const command = startCommand(file, args, { cwd: folder, env: { HOME: folder }, timeoutMs: LIFETIME_MS });
    // Whoever waits for the server learns of its end; stop() ends all.
    command.done.catch(() => {});
    started.push(command);
    return command;
  };
  const [etcdPort = 0, peerPort = 0, securePort = 0] = await freePorts(3);
  const token = randomBytes(24).toString("base64url");
  await writeFile(join(folder, "tokens.csv"), `${token},admin,admin,"system:masters"\n`, { mode: 0o600 });
  const { privateKey, publicKey } = generateKeyPairSync("rsa", {
    modulusLength: 2048,
    privateKeyEncoding: { type: "pkcs8", format: "pem" },
    publicKeyEncoding: { type: "spki", format: "pem" },
  });
  await writeFile(join(folder, "accounts.key"), privateKey, { mode: 0o600 });
  await writeFile(join(folder, "accounts.pub"), publicKey);

  const etcd = run(engine.etcd, etcdArgs(folder, { client: etcdPort, peer: peerPort }));
  const apiServer = run(engine.apiServer, apiServerArgs(folder, { etcdPort, securePort }));
  const server = `https://127.0.0.1:${securePort}`;
  // The server makes itself a certificate and signs it: the file holds both it and the authority's.
  const ca = await waitFor(
    "the API server's certificate",
    () => readFile(join(folder, "certs/apiserver.crt"), "utf8").catch(() => fails(etcd, apiServer)),
    { timeoutMs: START_MS },
  );
  const access = { server, ca, token };
  const api = new KubernetesApi(access);
  const answers = (): Promise<boolean> =>
    api.call("GET", "/readyz").then(
      () => true,
      () => fails(etcd, apiServer) ?? false,
    );
  await waitFor("the API server to be ready", answers, { timeoutMs: START_MS, everyMs: 50 });
  await writeFile(join(folder, "kubeconfig"), JSON.stringify(kubeconfigOf(access)), { mode: 0o600 });
  run(engine.controllerManager, controllerManagerArgs(folder));
  await installKinds(api, engine.gatewayApi);
  await waitFor(
    "the controller manager to give a namespace its account",
    async () =>
      (await api.get({ apiVersion: "v1", kind: "ServiceAccount", metadata: { name: "default" } })) !== undefined,
    { timeoutMs: START_MS, everyMs: 50 },
  );
  return {
    access,
    api,
    stop: async () => {
      api.close();
      await stop();
    },
  };
}

/** Undefined, for there is nothing yet; throws when a program has ended. */
function fails(...commands: readonly RunningCommand[]): undefined {
  const ended = commands.find(({ output }) => /address already in use|"level":"fatal"|^panic: |^Error: /m.test(output));
  if (ended !== undefined) throw new Error(ended.output.slice(-2_000));
  return undefined;
}

function etcdArgs(folder: string, { client, peer }: { client: number; peer: number }): string[] {
  const [clientUrl, peerUrl] = [client, peer].map((port) => `http://127.0.0.1:${port}`);
  return [
    `--data-dir=${join(folder, "etcd")}`,
    `--listen-client-urls=${clientUrl}`,
    `--advertise-client-urls=${clientUrl}`,
    `--listen-peer-urls=${peerUrl}`,
    `--initial-advertise-peer-urls=${peerUrl}`,
    `--initial-cluster=default=${peerUrl}`,
    "--log-level=error",
    // State of a test need not survive the machine.
    "--unsafe-no-fsync",
  ];
}

function apiServerArgs(folder: string, { etcdPort, securePort }: { etcdPort: number; securePort: number }): string[] {
  return [
    `--etcd-servers=http://127.0.0.1:${etcdPort}`,
    "--bind-address=127.0.0.1",
    `--secure-port=${securePort}`,
    `--cert-dir=${join(folder, "certs")}`,
    `--token-auth-file=${join(folder, "tokens.csv")}`,
    "--authorization-mode=RBAC",
    "--service-account-issuer=https://kubernetes.default.svc",
    `--service-account-key-file=${join(folder, "accounts.pub")}`,
    `--service-account-signing-key-file=${join(folder, "accounts.key")}`,
    "--service-cluster-ip-range=10.96.0.0/16",
    "--endpoint-reconciler-type=none",
    "--profiling=false",
  ];
}

function controllerManagerArgs(folder: string): string[] {
  const kubeconfig = join(folder, "kubeconfig");
  return [
    `--kubeconfig=${kubeconfig}`,
    `--authentication-kubeconfig=${kubeconfig}`,
    `--authorization-kubeconfig=${kubeconfig}`,
    `--service-account-private-key-file=${join(folder, "accounts.key")}`,
    `--root-ca-file=${join(folder, "certs/apiserver.crt")}`,
    "--leader-elect=false",
    // Nobody asks it anything.
    "--secure-port=0",
    "--profiling=false",
  ];
}

function kubeconfigOf({ server, ca, token }: Required<KubernetesAccess>): unknown {
  return {
    apiVersion: "v1",
    kind: "Config",
    "current-context": "test",
    contexts: [{ name: "test", context: { cluster: "test", user: "admin" } }],
    clusters: [
      { name: "test", cluster: { server, "certificate-authority-data": Buffer.from(String(ca)).toString("base64") } },
    ],
    users: [{ name: "admin", user: { token } }],
  };
}
