import { delimiter } from "node:path";

/** What leads npm to its registry and its cache, and through a proxy. Nothing else of the test's environment passes. */
const PASSED =
  /^(HOME|PATH|TMPDIR|(http|https|no)_proxy|NODE_EXTRA_CA_CERTS|SSL_CERT_FILE|npm_config_(registry|userconfig|globalconfig|cache|cafile))$/i;

/** The environment of a command in a build, with folders put before its PATH. */
export function buildEnvironment(...folders: readonly string[]): Record<string, string> {
  const env: Record<string, string> = {};
  for (const [name, value] of Object.entries(process.env)) {
    if (value !== undefined && PASSED.test(name)) env[name] = value;
  }
  // The folders of this repository's own programs, which npm puts there, are not the build's.
  const path = (env.PATH ?? "").split(delimiter).filter((folder) => !folder.includes("node_modules"));
  return { ...env, PATH: [...folders, ...path].join(delimiter) };
}
