// Holds a pod's network, as the pause container does, and leads into it and out of it. Told by its argument which places to
// bridge; prints a line when all of them listen; ends with the test that started it.
import { startBridge } from "./bridge.mjs";

/** @type {{ from: import("./bridge.mjs").Place, to: import("./bridge.mjs").Place }[]} */
const bridges = JSON.parse(process.argv[2] ?? "[]");
for (const { from, to } of bridges) await startBridge(from, () => to);
process.stdout.write("listening\n");
process.stdin.on("end", () => process.exit(0)).resume();
