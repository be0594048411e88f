import { Client, credentials } from "@grpc/grpc-js";
import { Empty, LogRequest, LogSeverity } from "./wire/generated/pulumi_provider.js";

const PATIENCE_MS = 2_000;

/** What an engine shows people beside a resource. Without an engine nobody is told, and that is no error. */
export class EngineLog {
  readonly #client: Client | undefined;

  /** `address`: the engine's, as HOST:PORT. */
  constructor(address: string | undefined) {
    this.#client = address === undefined ? undefined : new Client(address, credentials.createInsecure());
  }

  /** Returns when the engine has it, or cannot be reached. */
  async warn(urn: string, message: string): Promise<void> {
    const client = this.#client;
    if (client === undefined) return;
    await new Promise<void>((resolve) => {
      client.makeUnaryRequest(
        "/pulumirpc.Engine/Log",
        (request: LogRequest) => Buffer.from(LogRequest.encode(request).finish()),
        (bytes) => Empty.decode(bytes),
        { severity: LogSeverity.LOG_SEVERITY_WARNING, message, urn },
        { deadline: Date.now() + PATIENCE_MS },
        () => resolve(),
      );
    });
  }
}
