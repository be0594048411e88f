import {
  Server,
  ServerCredentials,
  type ServerUnaryCall,
  type sendUnaryData,
  type UntypedHandleCall,
} from "@grpc/grpc-js";
import type { PulumiProvider } from "./provider.js";
import { RESOURCE_PROVIDER } from "./wire/service.js";
import { statusOf } from "./wire/status.js";

/** The engine sets the limits. */
const UNLIMITED = { "grpc.max_receive_message_length": -1, "grpc.max_send_message_length": -1 };

/** A provider that listens. */
export interface ServedProvider {
  /** On the loopback address. */
  readonly port: number;
  /** Takes no more calls, and returns when those that were begun have been answered. */
  close(): Promise<void>;
}

/** Serves a provider on a free port of the loopback address. */
export async function serve(provider: PulumiProvider): Promise<ServedProvider> {
  const server = new Server(UNLIMITED);
  server.addService(RESOURCE_PROVIDER, {
    Handshake: answers(() => provider.Handshake()),
    GetSchema: answers(() => provider.GetSchema()),
    CheckConfig: answers((request) => provider.CheckConfig(request)),
    DiffConfig: answers((request) => provider.DiffConfig(request)),
    Configure: answers((request) => provider.Configure(request)),
    Invoke: answers((request) => provider.Invoke(request)),
    Check: answers((request) => provider.Check(request)),
    Diff: answers((request) => provider.Diff(request)),
    Create: answers((request) => provider.Create(request)),
    Read: answers((request) => provider.Read(request)),
    Update: answers((request) => provider.Update(request)),
    Delete: answers((request) => provider.Delete(request)),
    Cancel: answers(() => provider.Cancel()),
    GetPluginInfo: answers(() => provider.GetPluginInfo()),
    Attach: answers((request) => provider.Attach(request)),
  } satisfies Record<keyof typeof RESOURCE_PROVIDER, UntypedHandleCall>);
  return new Promise((resolve, reject) => {
    server.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), (error, port) => {
      if (error === null) resolve({ port, close: () => closed(server) });
      else reject(error);
    });
  });
}

function closed(server: Server): Promise<void> {
  return new Promise((resolve) => server.tryShutdown(() => resolve()));
}

function answers<Request, Response>(answer: (request: Request) => Response | Promise<Response>) {
  return async (call: ServerUnaryCall<Request, Response>, callback: sendUnaryData<Response>): Promise<void> => {
    try {
      callback(null, await answer(call.request));
    } catch (error) {
      callback(statusOf(error));
    }
  };
}
