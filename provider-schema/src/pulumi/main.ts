import { packageVersion } from "../package-version.js";
import { SCHEMA } from "../schema.js";
import { leaveWithParent } from "./leave-with-parent.js";
import { PulumiProvider } from "./provider.js";
import { serve } from "./serve.js";

// A terminal's Ctrl-C reaches this process too: the engine sends Cancel, and ends us when what is on its way is known.
process.on("SIGINT", () => undefined);
leaveWithParent();
const port = await serve(new PulumiProvider(SCHEMA, { version: packageVersion(), environment: process.env }));
// The engine reads the port from the first line, and nothing else is ever written there.
process.stdout.write(`${port}\n`);
