import { KmsStandIn } from "./kms-stand-in.js";
import { type RunServerOptions, runServer, type TestServer } from "./run-server.js";

/** A stand-in for Cloud KMS with one key, and servers that use it; `close` ends all of it, the newest first. */
export class WithKms {
  readonly kms: KmsStandIn;
  readonly key: string;
  readonly #servers: TestServer[] = [];

  private constructor(kms: KmsStandIn) {
    this.kms = kms;
    this.key = kms.addKey();
  }

  static async start(): Promise<WithKms> {
    return new WithKms(await KmsStandIn.start());
  }

  /** The environment of a server that uses the key. */
  get env(): Record<string, string> {
    return { KMS_KEY: this.key, KMS_ENDPOINT: this.kms.endpoint };
  }

  async server({ env = this.env, ...options }: RunServerOptions = {}): Promise<TestServer> {
    const server = await runServer({ env, ...options });
    this.#servers.push(server);
    return server;
  }

  async close(): Promise<void> {
    for (const server of this.#servers.splice(0).reverse()) await server.close();
    this.kms.goAway();
  }
}
