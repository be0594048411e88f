import type { DeliveryOutcome } from "./delivery-outcome.js";

/** An HTTP request as a function sees it. Header values are as in Node's `rawHeaders`: one character per byte. */
export interface FunctionRequest {
  readonly method: string;
  /** Extra path behind the input's address, with its leading slash, or empty. */
  readonly path: string;
  /** Without the question mark. */
  readonly rawQuery: string;
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly body: Uint8Array;
}

export type FunctionDriver = "js" | "lua";

/** One run of one function. */
export interface FunctionCall {
  readonly functionId: string;
  readonly driver: FunctionDriver;
  /** The text that people wrote. */
  readonly source: string;
  /** Configuration variables, opened. */
  readonly variables: Readonly<Record<string, string>>;
  /** Whose turn it is: runs of one bucket wait for each other before they make others wait. */
  readonly bucketId: string;
  readonly request: FunctionRequest;
  /** Of a delivery that is over: the run can change nothing of it. */
  readonly outcome?: DeliveryOutcome;
  /** `bucket_id`, `input_name` and the like. */
  readonly metadata: Readonly<Record<string, string>>;
}
