import { chmod, chown, mkdir, readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import type { MadeImage } from "../../../../server/test/support/image/make-image.js";
import { type ImageProcess, runImage } from "../../../../server/test/support/image/run-image.js";
import { waitFor } from "../../../../server/test/support/wait-for.js";
import type { Pod, Probe } from "../pods-of.js";
import { ask } from "./ask.js";
import { type PodNetwork, startPodNetwork } from "./pod-network.js";

export interface RunPodOptions {
  readonly image: MadeImage;
  /** An empty folder, for its volumes and sockets. */
  readonly folder: string;
  readonly name: string;
  readonly address: string;
  /** Who calls it; the probes are `kubelet`'s. */
  readonly callers: Readonly<Record<string, string>> & { readonly kubelet: string };
  /** Folders that stand for volumes that are not empty at first, by the volume's name. */
  readonly volumes?: Readonly<Record<string, string>>;
  /** What it finds on its loopback address in place of its other containers and of the cloud: port and Unix socket. */
  readonly loopback: Readonly<Record<number, string>>;
  /** Settings of this test, on top of the pod's own. */
  readonly env?: Readonly<Record<string, string>>;
  /** Runs in place of the image's program. */
  readonly command?: readonly string[];
}

/** What an emptyDir is to a container: everything in it belongs to the pod's group. */
const EMPTY_DIR_MODE = 0o2777;

/** A pod's own container, run as the pod says, without a cluster: what the kubelet and the container's engine would do. */
export class RunningPod {
  readonly network: PodNetwork;
  readonly process: ImageProcess;
  /** Folders of its volumes, by their names. */
  readonly volumes: ReadonlyMap<string, string>;
  readonly #pod: Pod;

  private constructor(pod: Pod, network: PodNetwork, process: ImageProcess, volumes: ReadonlyMap<string, string>) {
    this.#pod = pod;
    this.network = network;
    this.process = process;
    this.volumes = volumes;
  }

  static async start(pod: Pod, options: RunPodOptions): Promise<RunningPod> {
    const { image, folder, name, address, callers, loopback } = options;
    const [container] = pod.spec.containers;
    const { runAsUser, runAsGroup, fsGroup } = pod.spec.securityContext as Record<string, number>;
    if (container === undefined) throw new Error(`${pod.of} has no container`);
    const sockets = join(folder, "net");
    await mkdir(sockets, { recursive: true });
    const volumes = new Map<string, string>();
    for (const volume of pod.spec.volumes) {
      const given = options.volumes?.[volume.name];
      const path = given ?? join(folder, volume.name);
      volumes.set(volume.name, path);
      if (given !== undefined) continue;
      if (volume.emptyDir === undefined) throw new Error(`nothing stands for the volume ${volume.name}`);
      await mkdir(path);
      await chown(path, 0, fsGroup ?? 0);
      await chmod(path, EMPTY_DIR_MODE);
    }
    const mounts = (container.volumeMounts ?? []).map(({ name: volume, mountPath, readOnly = false }) => {
      const from = volumes.get(volume);
      if (from === undefined) throw new Error(`${mountPath}: the pod has no volume ${volume}`);
      return { from, at: mountPath, readOnly };
    });
    const settings = (container.env ?? []).map(({ name: variable, value }) => {
      if (value === undefined) throw new Error(`${variable} has no value of its own`);
      return [variable, value] as const;
    });
    const ports = (container.ports ?? []).map(({ containerPort }) => containerPort);
    const network = await startPodNetwork({ name, folder: sockets, address, callers, ports, loopback });
    const started = runImage({
      root: image.root,
      config: image.config,
      mounts,
      env: { ...Object.fromEntries(settings), ...options.env },
      user: `${runAsUser}:${runAsGroup}`,
      networkOf: network.pid,
      ...(container.args === undefined ? {} : { args: container.args }),
      ...(options.command === undefined ? {} : { command: options.command }),
    });
    return new RunningPod(pod, network, started, volumes);
  }

  /**
   * Asks a probe as the kubelet does, until it succeeds: every period, for as many failures as it is allowed. Rejects with
   * the last answer and what the program printed.
   */
  async passes(kind: "startupProbe" | "readinessProbe" | "livenessProbe"): Promise<void> {
    const probe = this.#pod.spec.containers[0]?.[kind];
    if (probe === undefined) throw new Error(`${this.#pod.of} has no ${kind}`);
    const { periodSeconds = 10, failureThreshold = 3 } = probe;
    const answers: string[] = [];
    const everyMs = periodSeconds * 1_000;
    await waitFor(
      kind,
      async () => {
        if (answers.length === failureThreshold) throw new Error(`it failed ${failureThreshold} times`);
        const answer = await this.probe(probe).catch((error: Error) => ({ status: 0, body: error.message }));
        if (answer.status >= 200 && answer.status < 400) return true;
        answers.push(`${answer.status} ${answer.body.trim()}`);
        return false;
      },
      { timeoutMs: 2 * everyMs * failureThreshold, everyMs },
    ).catch((cause: Error) => {
      const { stdout, stderr } = this.process;
      throw new Error(`${kind}: ${cause.message}\n${answers.slice(-3).join("\n")}\n${stdout}${stderr}`, { cause });
    });
  }

  /** Asks a probe once. */
  probe({ httpGet, timeoutSeconds = 1 }: Probe): ReturnType<typeof ask> {
    const ports = this.#pod.spec.containers[0]?.ports ?? [];
    const port = ports.find(({ name }) => name === httpGet?.port)?.containerPort;
    if (httpGet === undefined || port === undefined) throw new Error("the probe names no port of its container");
    const socket = this.network.from("kubelet", port);
    return ask(`http://pod:${port}${httpGet.path}`, { socket, timeoutMs: timeoutSeconds * 1_000 });
  }

  /** Bytes in each volume that begins empty, with the most it may hold. */
  async written(): Promise<{ readonly name: string; readonly bytes: number; readonly limit: number }[]> {
    const limited = this.#pod.spec.volumes.filter(({ emptyDir }) => emptyDir !== undefined);
    return Promise.all(
      limited.map(async ({ name, emptyDir }) => {
        const folder = this.volumes.get(name) ?? "";
        const paths = await readdir(folder, { recursive: true });
        const sizes = await Promise.all(paths.map(async (path) => (await stat(join(folder, path))).size));
        const limit = Number.parseInt(emptyDir?.sizeLimit ?? "", 10) * 2 ** 20;
        return { name, bytes: sizes.reduce((sum, size) => sum + size, 0), limit };
      }),
    );
  }

  /** Ends it at once and takes its network away. */
  async destroy(): Promise<void> {
    await this.process.destroy();
    await this.network.stop();
  }
}
