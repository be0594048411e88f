import { Agent, request } from "node:http";

/** Field that numbers the webhooks of a test. */
export const SEQUENCE = "x-sequence";

export interface LoadOptions {
  /** Where to post: asked for each webhook, so that a sender can go elsewhere when a server is gone. */
  readonly url: () => string;
  readonly perSecond: number;
  /** Number of the first webhook. */
  readonly first?: number;
  /** True: one after the other, each after the answer to the one before, so that their order is certain. */
  readonly inOrder?: boolean;
  readonly body?: Buffer;
  /** Sends no more than this. */
  readonly count?: number;
  readonly onSend?: (sequence: number) => void;
}

export interface LoadResult {
  /** Numbers of the webhooks that were answered with 200, in the order of sending. */
  readonly answered: readonly number[];
  /** Status and number of the others; 0 where the connection broke. */
  readonly refused: readonly { readonly sequence: number; readonly status: number }[];
  readonly sent: number;
}

export interface Load {
  /** So far. */
  readonly result: LoadResult;
  /** Sends nothing more; resolves when every webhook has its answer. */
  stop(): Promise<LoadResult>;
}

const TICK_MS = 5;

/** Posts webhooks at a steady rate until it is stopped. */
export function startLoad(options: LoadOptions): Load {
  const { url, perSecond, first = 0, inOrder = false, body, count = Number.POSITIVE_INFINITY } = options;
  const agent = new Agent({ keepAlive: true, maxSockets: inOrder ? 1 : 32 });
  const answered: number[] = [];
  const refused: { sequence: number; status: number }[] = [];
  const open = new Set<Promise<void>>();
  const begin = performance.now();
  let sent = 0;

  const send = (): void => {
    const sequence = first + sent;
    sent += 1;
    options.onSend?.(sequence);
    const posting: Promise<void> = postWebhook(url(), {
      sequence,
      agent,
      ...(body === undefined ? {} : { body }),
    }).then((status) => {
      if (status === 200) answered.push(sequence);
      else refused.push({ sequence, status });
      open.delete(posting);
    });
    open.add(posting);
  };

  const timer = setInterval(() => {
    const due = Math.min(count, Math.floor(((performance.now() - begin) / 1000) * perSecond));
    if (inOrder) void sendInOrder(due);
    else while (sent < due) send();
  }, TICK_MS);

  let sending = false;
  const sendInOrder = async (due: number): Promise<void> => {
    if (sending) return;
    sending = true;
    while (sent < due) {
      send();
      await Promise.all(open);
    }
    sending = false;
  };

  const result = {
    answered,
    refused,
    get sent() {
      return sent;
    },
  };
  return {
    result,
    async stop() {
      clearInterval(timer);
      while (sending || open.size > 0)
        await Promise.all([...open, new Promise((resolve) => setTimeout(resolve, TICK_MS))]);
      agent.destroy();
      answered.sort((a, b) => a - b);
      return result;
    },
  };
}

/** Posts one webhook; resolves with the status of the answer, or 0 when there was none. */
export function postWebhook(
  url: string,
  {
    sequence,
    agent,
    body = Buffer.from(`{"sequence":${sequence}}`),
  }: { sequence: number; agent?: Agent; body?: Buffer },
): Promise<number> {
  return new Promise((resolve) => {
    const posting = request(url, {
      method: "POST",
      ...(agent === undefined ? {} : { agent }),
      headers: { [SEQUENCE]: String(sequence), "content-length": body.length },
      timeout: 20_000,
    });
    posting.on("response", (response) => {
      response.resume();
      response.on("close", () => resolve(response.statusCode ?? 0));
    });
    posting.on("timeout", () => posting.destroy());
    posting.on("error", () => resolve(0));
    posting.end(body);
  });
}
