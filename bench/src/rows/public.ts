import type { BenchContext } from "../bench-context.js";
import { createRoute } from "../processes/admin-client.js";
import { createRig, PUBLIC_ENV } from "../rig.js";
import { deliverRow } from "./deliver.js";

/** Closed loop, POST -> server -> destination: the server calls the destination itself. */
export async function publicRows(context: BenchContext): Promise<void> {
  const rig = await createRig(context, "public", { env: PUBLIC_ENV });
  try {
    const destination = context.destination.url;
    const route = await createRoute(rig.server.http, rig.admin, { bucket: "public", destination, public: true });
    for (const connections of [16, 64, 256]) {
      const name = `public destination, 1 KB, ${connections} connections`;
      await deliverRow(context, rig, { name, connections, payload: "1k", route });
    }
  } finally {
    await rig.stop();
  }
}
