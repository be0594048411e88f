import { parseArgs } from "node:util";
import { runCrashRounds } from "./crash/run-crash-rounds.js";
import { VICTIM_NAMES, type VictimName } from "./crash/victims.js";

const HELP = `npm run crash -- [--rounds N] [--seed S] [--victim name]

Kills real processes under load and checks that every answered webhook arrives and every duplicate is recognisable.
  --rounds   how many crashes (default 20)
  --seed     chooses victims and moments; the same seed repeats them (default: printed)
  --victim   only this one: ${VICTIM_NAMES.join(", ")}
Exit code 1 when an answered webhook was lost or a duplicate was not recognisable.
`;

const { values } = parseArgs({
  options: {
    rounds: { type: "string", default: "20" },
    seed: { type: "string" },
    victim: { type: "string" },
    help: { type: "boolean", short: "h", default: false },
  },
});

function isVictim(name: string): name is VictimName {
  return (VICTIM_NAMES as readonly string[]).includes(name);
}

function wholeNumber(name: string, text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < 0)
    throw new Error(`--${name}: "${text}" is not a whole number, such as 20`);
  return value;
}

async function crash(): Promise<void> {
  const rounds = wholeNumber("rounds", values.rounds);
  const seed = wholeNumber("seed", values.seed ?? String(Math.floor(Math.random() * 1_000_000)));
  const { victim } = values;
  if (victim !== undefined && !isVictim(victim)) {
    throw new Error(`--victim: there is no ${victim}; there are ${VICTIM_NAMES.join(", ")}`);
  }
  console.log(`${rounds} rounds, seed ${seed}`);
  const summary = await runCrashRounds({ rounds, seed, victim, log: (line) => console.log(line) });
  const { answered, unanswered, lost, duplicates, violations, folder } = summary;
  console.log(
    `${summary.rounds} rounds: ${answered} answered, ${unanswered} not answered, ${lost} lost, ${duplicates} duplicates`,
  );
  for (const violation of violations) console.log(violation);
  if (lost > 0 || violations.length > 0) {
    console.log(`The logs are in ${folder}. Repeat with --seed ${seed}.`);
    process.exitCode = 1;
  }
}

if (values.help) console.log(HELP);
else {
  await crash().catch((error: Error) => {
    console.error(error.message);
    process.exitCode = 2;
  });
}
