/**
 * A worker process of functions: it holds an interpreter of each language, and nothing else. It has no environment, no
 * files but those that it is made of, a channel to the process that started it, and a socket to have HTTP calls made by it:
 * it opens none itself. It ends when the channel closes.
 */
import { POOL_LIMITS } from "../function-limits.js";
import { JavascriptGuest } from "../javascript/javascript-guest.js";
import { LuaGuest } from "../lua/lua-guest.js";
import { askParent } from "./ask-parent.js";
import { runInGuest } from "./run-in-guest.js";
import type { RunMessage, WorkerMessage } from "./worker-messages.js";

const guests = { js: new JavascriptGuest(), lua: new LuaGuest() };

process.on("disconnect", () => process.exit(0));
process.on("message", (message: RunMessage) => void serve(message));

/** One thing at a time: a run begins when what is being prepared has been. */
let prepared = prepareBoth();

async function prepareBoth(): Promise<void> {
  for (const guest of Object.values(guests)) await guest.prepare();
  tell({ kind: "ready" });
}

async function serve(message: RunMessage): Promise<void> {
  await prepared;
  const guest = guests[message.call.driver];
  const result = await runInGuest(guest, message, askParent);
  tell({ kind: "result", result });
  // Memories of WebAssembly never shrink, and the collector takes its time with those that were given up.
  if (process.memoryUsage.rss() > POOL_LIMITS.workerRssBytes) process.disconnect();
  // While the answer is on its way.
  else {
    setImmediate(() => {
      prepared = guest.prepare();
    });
  }
}

function tell(message: WorkerMessage): void {
  process.send?.(message);
}
