import type { FunctionResult, LogLine } from "../functions/function-result.js";

/** One run of a function, to be recorded. */
export interface Execution {
  readonly functionId: string;
  /** Absent for a run that people asked for. */
  readonly webhook?: {
    readonly id: string;
    readonly bucketId: string;
    /** Absent for the function of an input. */
    readonly outputId?: string;
    /** Absent for the function of an input. */
    readonly deliveryId?: string;
    /** It was the function that runs after a delivery. */
    readonly ofResponse?: boolean;
    /** Nothing of what it said may touch the disk. */
    readonly ephemeral: boolean;
  };
  readonly result: FunctionResult;
}

/** What is kept, sealed, of what a run said. Bodies are not: the webhook has them. */
export interface ExecutionDetail {
  /** Why it failed. */
  readonly error?: string;
  readonly line?: number;
  readonly column?: number;
  readonly logs: readonly LogLine[];
  /** Parts of the request that it changed. */
  readonly modified: readonly string[];
  readonly stopped: boolean;
  /** Whether it set an answer for the sender, and with which status. */
  readonly answered: boolean;
  readonly answerStatus?: number;
}

export function executionDetail(result: FunctionResult): ExecutionDetail {
  if (result.kind === "failed") {
    const { message: error, line, column, logs } = result;
    return {
      error,
      ...(line === undefined ? {} : { line }),
      ...(column === undefined ? {} : { column }),
      logs,
      modified: [],
      stopped: false,
      answered: false,
    };
  }
  const { modified, response, stopped, logs } = result;
  return {
    logs,
    modified: Object.entries(modified).flatMap(([part, changed]) => (changed ? [part] : [])),
    stopped,
    answered: response !== undefined,
    ...(response?.status === undefined ? {} : { answerStatus: response.status }),
  };
}
