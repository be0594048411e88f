import { BUCKETS } from "./bucket.js";
import { CRONS } from "./cron.js";
import { FUNCTIONS } from "./function.js";
import { INPUTS } from "./input.js";
import type { ManifestResource } from "./manifest-resource.js";
import { OUTPUTS } from "./output.js";
import { TOKENS } from "./token.js";

/** All of them, what others refer to before those: the order in which objects are made; they are removed the other way round. */
export const MANIFEST_RESOURCES: readonly ManifestResource[] = [BUCKETS, FUNCTIONS, INPUTS, OUTPUTS, CRONS, TOKENS];
