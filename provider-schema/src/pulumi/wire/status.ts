import { Metadata, type ServiceError, status } from "@grpc/grpc-js";
import { RelayApiError } from "../../client/relay-api-error.js";
import { InitFailedError } from "../init-failed-error.js";
import { ErrorResourceInitFailed, Status } from "./generated/pulumi_provider.js";

/** A failure as gRPC tells it; one after an object was made, with the object. */
export function statusOf(error: unknown): Pick<ServiceError, "code" | "details" | "metadata"> {
  const message = error instanceof Error ? error.message : String(error);
  const metadata = new Metadata();
  if (error instanceof InitFailedError) {
    const { id, properties, inputs } = error.object;
    const value = ErrorResourceInitFailed.encode({ id, properties, inputs, reasons: [message] }).finish();
    const detail = { typeUrl: "type.googleapis.com/pulumirpc.ErrorResourceInitFailed", value };
    const bytes = Status.encode({ code: status.UNKNOWN, message, details: [detail] }).finish();
    metadata.set("grpc-status-details-bin", Buffer.from(bytes));
  }
  return { code: error instanceof RelayApiError ? status.UNKNOWN : codeOf(error), details: message, metadata };
}

function codeOf(error: unknown): status {
  if (error instanceof InitFailedError) return status.UNKNOWN;
  return error instanceof TypeError ? status.INVALID_ARGUMENT : status.INTERNAL;
}
