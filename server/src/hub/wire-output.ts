import type { Output } from "../wire/index.js";
import type { ServedOutput } from "./admission.js";

/** An output as an agent is told of it. `number`: how this session's deliveries refer to it. */
export function wireOutput({ output, bucketName }: ServedOutput, number: number): Output {
  return {
    number,
    id: output.id,
    name: output.name,
    bucketId: output.bucketId,
    bucketName,
    destination: output.destination,
    lockPath: output.lockPath,
    headers: Object.entries(output.headers).flatMap(([name, values]) => values.map((value) => ({ name, value }))),
    timeoutSeconds: output.timeoutSeconds,
    tlsVerification: output.tlsVerification,
  };
}
