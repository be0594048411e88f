import { packageVersion } from "../package-version.js";
import { SCHEMA } from "../schema.js";
import { EngineLog } from "./engine-log.js";
import { leaveWithParent } from "./leave-with-parent.js";
import { PulumiProvider } from "./provider.js";
import { serve } from "./serve.js";

const provider = new PulumiProvider(SCHEMA, {
  version: packageVersion(),
  environment: process.env,
  // Where the engine is; somebody who starts the provider by hand says nothing.
  log: new EngineLog(process.argv[2]),
});
const { port, close } = await serve(provider);
leaveWithParent();
// The engine sends SIGINT when it is done, waits five seconds, and kills. A terminal's Ctrl-C does not get here: the engine
// puts its plugins into process groups of their own, and calls Cancel.
for (const signal of ["SIGINT", "SIGTERM"] as const) {
  process.once(signal, async () => {
    provider.Cancel();
    await close();
    process.exit(0);
  });
}
// The engine reads the port from the first line, and nothing else is ever written there.
process.stdout.write(`${port}\n`);
