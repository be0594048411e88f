import { readFileSync } from "node:fs";

/** The version in `server/package.json`. */
export const SERVER_VERSION: string = JSON.parse(
  readFileSync(new URL("../package.json", import.meta.url), "utf8"),
).version;
