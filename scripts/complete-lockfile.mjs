/**
 * Writes into package-lock.json the optional packages of other platforms that the registry at hand did not serve. npm
 * leaves them out without a word, and `npm ci` then refuses the file everywhere. Their entries have no integrity: npm
 * looks it up on the platform that installs them. Run after `npm install` has changed the lockfile.
 */
import { readFileSync, writeFileSync } from "node:fs";

const file = new URL("../package-lock.json", import.meta.url);
const lock = JSON.parse(readFileSync(file, "utf8"));

const OS = /\b(android|darwin|freebsd|linux|netbsd|openbsd|openharmony|sunos|aix|win32)\b/;
const CPU = /\b(arm64|x64|arm|ia32|loong64|mips64el|ppc64|riscv64|s390x|wasm32)\b/;

let added = 0;
for (const [path, entry] of Object.entries(lock.packages)) {
  for (const [name, version] of Object.entries(entry.optionalDependencies ?? {})) {
    const known = [`${path}/node_modules/${name}`, `node_modules/${name}`].some((place) => place in lock.packages);
    if (known || !/^\d+\.\d+\.\d+/.test(version)) continue;
    const os = OS.exec(name.replaceAll("-", " "))?.[1];
    const cpu = CPU.exec(name.replaceAll("-", " ").replace("arm eabi", "arm").replace("armv7", "arm"))?.[1];
    lock.packages[`node_modules/${name}`] = {
      version,
      ...(cpu === undefined ? {} : { cpu: [cpu] }),
      ...(entry.dev ? { dev: true } : {}),
      optional: true,
      ...(os === undefined ? {} : { os: [os] }),
    };
    added += 1;
  }
}
// The root, whose path is empty, comes first by itself.
lock.packages = Object.fromEntries(Object.entries(lock.packages).sort(([a], [b]) => (a < b ? -1 : 1)));
writeFileSync(file, `${JSON.stringify(lock, null, 2)}\n`);
process.stdout.write(`package-lock.json: ${added} optional packages of other platforms added\n`);
