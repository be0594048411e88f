import { existsSync, readdirSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { LEVELS } from "../config/level.js";
import { SETTINGS } from "../config/settings.js";
import { costTable } from "../docs/cost-table.js";
import { monthlyCost, sumOf } from "../docs/monthly-cost.js";
import { settingsTable } from "../docs/settings-table.js";
import { programOf } from "./support/program.js";

const INFRA = new URL("../", import.meta.url);
const README = readFileSync(new URL("README.md", INFRA), "utf8");

test("its tables are the ones that the program's data make (npm run generate)", () => {
  expect(README).toContain(settingsTable());
  expect(README).toContain(costTable());
});

test("every setting is in it", () => {
  for (const key of Object.keys(SETTINGS)) expect(README, key).toContain(`\`relay:${key}\``);
});

test("every file that it names is there, and every file of the program is named or lies beside one that is", () => {
  const section = README.slice(README.indexOf("## The files"), README.indexOf("## How it is tested"));
  const named = [...section.matchAll(/`([a-z/-]+(?:\.ts|\/))`/g)].map(([, name = ""]) => name);
  const inFolders = (name: string) =>
    ["", "config/", "relay/"].some((folder) => existsSync(new URL(folder + name, INFRA)));
  expect(named.filter((name) => !inFolders(name))).toEqual([]);

  const beside = ["cluster-args.ts", "kubeconfig.ts", "next-steps.ts"];
  const program = readdirSync(INFRA).filter((name) => name.endsWith(".ts"));
  expect(program.filter((name) => !named.includes(name) && !beside.includes(name))).toEqual([]);
});

describe.each(LEVELS)("the cost of %s", async (level) => {
  const program = await programOf(level);
  const items = monthlyCost(level);

  test("adds up to the cent", () => {
    const shown = items.flatMap((item) => (item.kind === "priced" ? [item.usd] : []));
    expect(sumOf(items).toFixed(2)).toBe(shown.reduce((sum, usd) => sum + usd, 0).toFixed(2));
    expect(README).toContain(`**${sumOf(items).toFixed(2)}**`);
  });

  test("counts what the level makes", () => {
    const keys = program.all("kms.CryptoKey").length;
    expect(
      items.filter(({ what }) => / keys? in /.test(what)).reduce((sum, { what }) => sum + Number.parseInt(what, 10), 0),
    ).toBe(keys);
    expect(items.some(({ what }) => what === `NAT: addresses (${program.all("compute.Address").length})`)).toBe(true);
    const pool = program.one("container.NodePool").inputs as {
      autoscaling: { totalMinNodeCount: number };
      nodeConfig: { machineType: string; diskSizeGb: number };
    };
    const nodes = pool.autoscaling.totalMinNodeCount;
    expect(items.some(({ what }) => what.startsWith(`${nodes} × ${pool.nodeConfig.machineType}`))).toBe(true);
    expect(items.some(({ what }) => what === `${nodes} × ${pool.nodeConfig.diskSizeGb} GB of boot disk`)).toBe(true);
    expect(items.some(({ what }) => what === "Backup for GKE")).toBe(program.all("gkebackup.BackupPlan").length > 0);
    expect(program.all("compute.SecurityPolicy")).toHaveLength(3);
  });
});
