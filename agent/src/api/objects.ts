/** Objects of the REST API, as far as this program looks into them. */

export interface ApiInput {
  readonly id: string;
  readonly name: string;
  readonly description?: string;
  /** The public URL, when the server knows its own address. */
  readonly url?: string;
}

export interface ApiOutput {
  readonly id: string;
  readonly name: string;
  readonly destination: string;
  readonly internal?: boolean;
  readonly disabled?: boolean;
}

export interface ApiBucket {
  readonly id: string;
  readonly name: string;
  readonly description?: string;
  readonly inputs?: readonly ApiInput[] | null;
  readonly outputs?: readonly ApiOutput[] | null;
}

export interface ApiCron {
  readonly id: string;
  readonly name: string;
  readonly bucket_id: string;
  readonly schedule: string;
  readonly timezone?: string;
  readonly enabled?: boolean;
  /** RFC 3339; null or empty when no run is to come. */
  readonly next_run?: string | null;
}

export interface ApiToken {
  readonly id: string;
  readonly name?: string;
  readonly active?: boolean;
  /** Unix seconds; 0 is never. */
  readonly expires_at?: number;
  /** The present one, and the one before while it is good. Times in Unix seconds. */
  readonly secrets?: readonly {
    readonly current: boolean;
    readonly created_at: number;
    readonly last_used_at: number | null;
    readonly valid_until?: number;
  }[];
  readonly description?: string;
  readonly api_access?: string;
  readonly scopes?: { readonly buckets?: readonly string[] | null };
}

export interface ApiLog {
  readonly id: string;
  readonly bucket_id: string;
  readonly input_id: string;
  readonly output_id?: string;
  readonly method: string;
  readonly extra_path?: string;
  readonly raw_query?: string;
  readonly body?: string;
  /** The exact bytes, when they are not text. */
  readonly body_base64?: string;
  readonly headers?: Readonly<Record<string, readonly string[]>> | null;
  readonly ip_address?: string;
  readonly status: string;
  readonly status_code?: number;
  readonly duration_ms?: number;
  readonly retries?: number;
  /** Why the destination did not take it, for people. */
  readonly error?: string;
  readonly response_body?: string;
  readonly response_headers?: Readonly<Record<string, readonly string[]>> | null;
  /** Unix seconds. */
  readonly created_at: number;
}

/** How one attempt of a delivery went. */
interface ApiAttempt {
  readonly attempt: number;
  /** Unix seconds. */
  readonly at: number;
  /** 0 when there was no answer. */
  readonly status_code: number;
  readonly duration_ms: number;
  /** What kept an answer from coming, in one word; empty when there was one. */
  readonly error_class: string;
  /** For people. */
  readonly error?: string;
}

/** Answer of GET /v1/logs/{id}/attempts, oldest first. */
export interface ApiAttempts {
  readonly attempts: readonly ApiAttempt[];
}

export interface ApiLogPage {
  readonly data: readonly ApiLog[] | null;
  readonly next_cursor?: string;
}

/** Answer of GET /v1/events: what is in it is handed out, and comes no second time. */
export interface ApiEventPage {
  readonly logs: readonly ApiLog[] | null;
  readonly has_more?: boolean;
}
