import { serveStandIn } from "../protocol/serve-stand-in.js";
import { KubernetesStandIn } from "./kubernetes-stand-in.js";

serveStandIn("kubernetes", new KubernetesStandIn());
