import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type CloudDatabase, startCloudDatabase } from "../../../../server/test/support/cloud-database.js";
import { type MadeImage, makeImage } from "../../../../server/test/support/image/make-image.js";
import { KmsStandIn } from "../../../../server/test/support/kms-stand-in.js";
import type { Pod } from "../pods-of.js";
import { type Answer, type AskOptions, ask } from "./ask.js";
import { startBridge } from "./bridge.mjs";
import type { DeclaredPods } from "./declared-pods.js";
import { MountedSecret } from "./mounted-secret.js";
import { RunningPod } from "./run-pod.js";

/** Where a pod finds what stands for Cloud KMS: without TLS, so on its loopback address. */
const KMS_PORT = 9000;

export interface CallOptions extends Omit<AskOptions, "socket" | "ca"> {
  /** Left out: as the load balancer decides. */
  readonly pod?: RunningPod;
  /** Left out: the load balancer. */
  readonly from?: keyof DeclaredPods["callers"];
}

/** The declared pods on this machine, with a database, a KMS and a load balancer around them. */
export class RelayInPods {
  readonly image: MadeImage;
  readonly kms: KmsStandIn;
  readonly database: CloudDatabase;
  readonly secret: MountedSecret;
  /** All that were started. */
  readonly running: RunningPod[] = [];
  /** The servers that the load balancer knows; it sends to the first one. */
  readonly serving: RunningPod[] = [];
  readonly #declared: DeclaredPods;
  readonly #place: string;
  readonly #ending: (() => unknown)[];
  readonly #authorities = new Map<RunningPod, Buffer>();

  private constructor(
    declared: DeclaredPods,
    made: Pick<RelayInPods, "image" | "kms" | "database" | "secret"> & { place: string; ending: (() => unknown)[] },
  ) {
    this.#declared = declared;
    this.#place = made.place;
    this.#ending = made.ending;
    this.image = made.image;
    this.kms = made.kms;
    this.database = made.database;
    this.secret = made.secret;
  }

  /** Makes the image and all around the pods, but none of them. */
  static async prepare(declared: DeclaredPods): Promise<RelayInPods> {
    const { setting } = declared;
    const place = await mkdtemp(join(tmpdir(), "relay-pods-"));
    const ending: (() => unknown)[] = [() => rm(place, { recursive: true, force: true })];
    try {
      // PostgreSQL runs as another user when we are root: it must get through to its own folder.
      await chmod(place, 0o711);
      const image = await makeImage();
      ending.push(() => image.remove());
      const database = await startCloudDatabase(join(place, "sql"), setting("POSTGRES_DB"), declared.logins);
      ending.push(() => database.stop());
      const kms = await KmsStandIn.start();
      ending.push(() => kms.goAway());
      kms.addKey(setting("KMS_KEY"));
      const kmsAt = { host: "127.0.0.1", port: Number(new URL(kms.endpoint).port) };
      const bridge = await startBridge({ path: join(place, "kms") }, () => kmsAt);
      ending.push(() => bridge.close());
      const secret = new MountedSecret(join(place, "secret"), declared.secretFile);
      await secret.put(declared.administrator.secret);
      return new RelayInPods(declared, { place, ending, image, kms, database, secret });
    } catch (error) {
      for (const end of ending.reverse()) await end();
      throw error;
    }
  }

  /** Starts a pod. Here is all that is not as in a cluster: where the auth proxy and Cloud KMS are, and the CSI driver's folder. */
  async start(pod: Pod, name: string, command?: readonly string[]): Promise<RunningPod> {
    const folder = join(this.#place, name);
    await mkdir(folder);
    const [proxy] = pod.spec.initContainers;
    const proxyPort = Number(/--port=(\d+)/.exec(proxy?.args?.join(" ") ?? "")?.[1]);
    const usesKms = pod.spec.containers[0]?.env?.some((each) => each.name === "KMS_KEY") === true;
    const mounted = pod.spec.volumes.filter(({ csi }) => csi !== undefined);
    const started = await RunningPod.start(pod, {
      image: this.image,
      folder,
      name,
      address: `10.4.0.${this.running.length + 5}`,
      callers: this.#declared.callers,
      volumes: Object.fromEntries(mounted.map((volume) => [volume.name, this.secret.folder])),
      loopback: { [proxyPort]: this.database.socket, ...(usesKms ? { [KMS_PORT]: join(this.#place, "kms") } : {}) },
      env: usesKms ? { KMS_ENDPOINT: `http://127.0.0.1:${KMS_PORT}` } : {},
      ...(command === undefined ? {} : { command }),
    });
    this.running.push(started);
    return started;
  }

  /** Starts a server, which the load balancer knows once it is up and ready. */
  async serve(name: string): Promise<RunningPod> {
    const pod = await this.start(this.#declared.server, name);
    await pod.passes("startupProbe");
    await pod.passes("readinessProbe");
    this.#authorities.set(pod, await readFile(join(pod.volumes.get("data") ?? "", "tls/cert.pem")));
    this.serving.push(pod);
    return pod;
  }

  /** A request to the HTTPS port, whose certificate must be for the host of the URL. */
  call(url: string, { pod = this.serving[0], from = "edge", ...options }: CallOptions = {}): Promise<Answer> {
    const ca = pod === undefined ? undefined : this.#authorities.get(pod);
    if (pod === undefined || ca === undefined) throw new Error("no server is in service");
    return ask(url, { socket: pod.network.from(from, this.#declared.port("https")), ca, ...options });
  }

  /** A call of the API by the administrator, with the secret of the start unless told. What failed has no `json`. */
  async api<T>(
    method: string,
    path: string,
    options: CallOptions & { readonly json?: object; readonly secret?: string } = {},
  ): Promise<{ readonly status: number; readonly json: T }> {
    const { administrator, setting } = this.#declared;
    const { json, secret = administrator.secret, ...rest } = options;
    const answer = await this.call(setting("PUBLIC_URL") + path, {
      ...rest,
      method,
      headers: {
        authorization: `Basic ${Buffer.from(`${administrator.key}:${secret}`).toString("base64")}`,
        "content-type": "application/json",
      },
      ...(json === undefined ? {} : { body: JSON.stringify(json) }),
    });
    return { status: answer.status, json: (answer.status < 300 ? JSON.parse(answer.body) : undefined) as T };
  }

  /** The load balancer's address for one of the servers' ports; each connection goes to who is in service then. */
  async edge(port: string): Promise<string> {
    const bridge = await startBridge({ host: "127.0.0.1", port: 0 }, () => {
      const path = this.serving[0]?.network.from("edge", this.#declared.port(port));
      return path === undefined ? undefined : { path };
    });
    this.#ending.push(() => bridge.close());
    return `127.0.0.1:${bridge.port}`;
  }

  /** A file with the authorities of all servers. */
  async authorities(): Promise<string> {
    const file = join(this.#place, "authorities.pem");
    await writeFile(file, Buffer.concat([...this.#authorities.values()]));
    return file;
  }

  /** Ends everything and leaves nothing. */
  async close(): Promise<void> {
    for (const pod of this.running) await pod.destroy();
    for (const end of this.#ending.reverse()) await end();
  }
}
