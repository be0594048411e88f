import type { ChildProcess } from "node:child_process";

interface Request {
  readonly id: number;
  readonly method: string;
  readonly argument: unknown;
}

interface Reply {
  readonly id: number;
  readonly result?: unknown;
  readonly error?: string;
}

export type Handlers = Readonly<Record<string, (argument: never) => unknown>>;

/** In a child process: answers the calls of its parent over the IPC channel, and ends when the parent is gone. */
export function serveParent(handlers: Handlers): void {
  process.on("message", async ({ id, method, argument }: Request) => {
    let reply: Reply;
    try {
      const handler = handlers[method];
      if (handler === undefined) throw new Error(`no method ${method}`);
      reply = { id, result: await handler(argument as never) };
    } catch (error) {
      reply = { id, error: (error as Error).message };
    }
    process.send?.(reply);
  });
  process.on("disconnect", () => process.exit(0));
  // The parent decides when a child ends, so that an interrupted bench still reports.
  process.on("SIGINT", () => {});
}

export type Call = (method: string, argument?: unknown) => Promise<unknown>;

/** In the parent: calls methods of a child. A call rejects when the child ends before it answers. */
export function callChild(child: ChildProcess, name: string): Call {
  const waiting = new Map<number, { resolve(value: unknown): void; reject(error: Error): void }>();
  let lastId = 0;
  child.on("message", ({ id, result, error }: Reply) => {
    const call = waiting.get(id);
    waiting.delete(id);
    if (error === undefined) call?.resolve(result);
    else call?.reject(new Error(`${name}: ${error}`));
  });
  child.on("exit", (code, signal) => {
    for (const call of waiting.values()) call.reject(new Error(`${name} ended (${signal ?? code})`));
    waiting.clear();
  });
  return (method, argument) =>
    new Promise((resolve, reject) => {
      lastId += 1;
      waiting.set(lastId, { resolve, reject });
      child.send({ id: lastId, method, argument } satisfies Request);
    });
}
