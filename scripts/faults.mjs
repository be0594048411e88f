// npm run faults -- --rounds N --seed S: the rounds of the delivery test, more of them or the same ones again.
import { spawnSync } from "node:child_process";
import { parseArgs } from "node:util";

const { values } = parseArgs({
  options: { rounds: { type: "string", default: "10" }, seed: { type: "string" } },
});
for (const [name, text] of Object.entries(values)) {
  if (!/^\d{1,9}$/.test(text)) {
    console.error(`--${name}: "${text}" is not a whole number, such as 20`);
    process.exit(2);
  }
}
const { rounds, seed = String(Math.floor(Math.random() * 1_000_000)) } = values;
const { status } = spawnSync("npx", ["vitest", "run", "server/test/delivery-keeps-its-invariants.test.ts"], {
  stdio: "inherit",
  env: { ...process.env, ROUNDS: rounds, SEED: seed },
});
process.exitCode = status ?? 1;
