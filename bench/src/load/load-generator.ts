import { serveParent } from "../processes/rpc.js";
import { type LoadOptions, runLoad } from "./run-load.js";

/** The load generator's process: runs one load at a time and reports it. */
let running = new AbortController();

serveParent({
  run: (options: LoadOptions) => {
    running = new AbortController();
    return runLoad(options, running.signal);
  },
  finish: () => running.abort(),
});
