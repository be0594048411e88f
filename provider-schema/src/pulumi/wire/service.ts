import type { MethodDefinition, ServiceDefinition } from "@grpc/grpc-js";
import {
  CheckRequest,
  CheckResponse,
  ConfigureRequest,
  ConfigureResponse,
  CreateRequest,
  CreateResponse,
  DeleteRequest,
  DiffRequest,
  DiffResponse,
  Empty,
  GetSchemaRequest,
  GetSchemaResponse,
  HandshakeResponse,
  InvokeRequest,
  InvokeResponse,
  PluginAttach,
  PluginInfo,
  ReadRequest,
  ReadResponse,
  UpdateRequest,
  UpdateResponse,
} from "./generated/pulumi_provider.js";

/** The methods of pulumirpc.ResourceProvider that this provider has. The engine does without the others. */
export const RESOURCE_PROVIDER = {
  Handshake: unary("Handshake", Empty, HandshakeResponse),
  GetSchema: unary("GetSchema", GetSchemaRequest, GetSchemaResponse),
  CheckConfig: unary("CheckConfig", CheckRequest, CheckResponse),
  DiffConfig: unary("DiffConfig", DiffRequest, DiffResponse),
  Configure: unary("Configure", ConfigureRequest, ConfigureResponse),
  Invoke: unary("Invoke", InvokeRequest, InvokeResponse),
  Check: unary("Check", CheckRequest, CheckResponse),
  Diff: unary("Diff", DiffRequest, DiffResponse),
  Create: unary("Create", CreateRequest, CreateResponse),
  Read: unary("Read", ReadRequest, ReadResponse),
  Update: unary("Update", UpdateRequest, UpdateResponse),
  Delete: unary("Delete", DeleteRequest, Empty),
  Cancel: unary("Cancel", Empty, Empty),
  GetPluginInfo: unary("GetPluginInfo", Empty, PluginInfo),
  Attach: unary("Attach", PluginAttach, Empty),
} satisfies ServiceDefinition;

/** Of generated code. */
interface Codec<Message> {
  encode(message: Message): { finish(): Uint8Array };
  decode(bytes: Uint8Array): Message;
}

function unary<Request, Response>(
  method: string,
  request: Codec<Request>,
  response: Codec<Response>,
): MethodDefinition<Request, Response> {
  return {
    path: `/pulumirpc.ResourceProvider/${method}`,
    requestStream: false,
    responseStream: false,
    requestSerialize: (value) => Buffer.from(request.encode(value).finish()),
    requestDeserialize: (bytes) => request.decode(bytes),
    responseSerialize: (value) => Buffer.from(response.encode(value).finish()),
    responseDeserialize: (bytes) => response.decode(bytes),
  };
}
