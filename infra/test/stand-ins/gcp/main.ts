import { serveStandIn } from "../protocol/serve-stand-in.js";
import { CloudFolder } from "./cloud-folder.js";
import { GcpStandIn } from "./gcp-stand-in.js";

const folder = process.env.STAND_IN_CLOUD;
if (!folder) throw new Error("STAND_IN_CLOUD must name the folder that plays the cloud");
serveStandIn("gcp", new GcpStandIn(new CloudFolder(folder)));
