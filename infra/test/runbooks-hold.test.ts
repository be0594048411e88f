import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { beforeAll, describe, expect, test } from "vitest";
import { parse } from "yaml";
import { type Inventory, inventoryOf } from "./support/inventory.js";
import { checkRelay } from "./support/runbooks/check-relay.js";
import { checkReviewed } from "./support/runbooks/check-reviewed.js";
import { checkSettings } from "./support/runbooks/check-settings.js";
import { operatorsPages, type Page, ROOT, readPage } from "./support/runbooks/pages.js";
import { GLOBAL_FLAGS, PLAIN, REVIEWED } from "./support/runbooks/reviewed-commands.js";
import { type ShellCommand, shellCommands } from "./support/runbooks/shell-commands.js";
import { sampleConfig } from "./support/sample-config.js";

const PAGES = operatorsPages();
const RUNBOOKS = PAGES.filter(({ path }) => path.startsWith("docs/operate/"));
const SCRIPTS = (JSON.parse(readFileSync(`${ROOT}package.json`, "utf8")) as { scripts: Record<string, string> })
  .scripts;

let inventory: Inventory;
beforeAll(async () => {
  inventory = await inventoryOf(sampleConfig("prod"));
}, 60_000);

const commandsOf = (page: Page): ShellCommand[] => page.blocks.flatMap(({ text }) => [...shellCommands(text).commands]);

/** npm's own words, and scripts of this repository. */
function checkNpm({ words }: ShellCommand): readonly string[] {
  const [word = "", script = ""] = words;
  if (word === "run") return script in SCRIPTS ? [] : [`There is no script ${script}.`];
  return ["ci", "install", "link"].includes(word) ? [] : [`Nobody has reviewed npm ${word}.`];
}

function check(command: ShellCommand): readonly string[] {
  const { program } = command;
  if (PLAIN.includes(program)) return [];
  if (program === "pulumi") return [];
  if (program === "relay") return checkRelay(command);
  if (program === "npm") return checkNpm(command);
  return checkReviewed(command);
}

describe.each(PAGES.map((page) => [page.path, page] as const))("%s", (_, page) => {
  test("has only blocks that a shell can read", () => {
    for (const { at, text } of page.blocks) {
      expect([at, shellCommands(text).errors]).toEqual([at, []]);
      const bash = spawnSync("bash", ["-n"], { input: text, encoding: "utf8" });
      expect([at, bash.status, bash.stderr]).toEqual([at, 0, ""]);
    }
  });

  test("has only commands that there are, with flags that they take", () => {
    expect(commandsOf(page).flatMap(check)).toEqual([]);
  });

  test("sets variables before it uses them", () => {
    // Of every shell, and those that the page asks for.
    const set = new Set(["PWD", ...[...page.prose.matchAll(/`([A-Z_]+_URL)`/g)].map(([, name = ""]) => name)]);
    for (const { at, text } of page.blocks) {
      for (const [, assigned, looped, used] of text.matchAll(
        /(?:(?<=^|[\s(])([A-Za-z_]+)=)|(?:\bfor ([a-z]+) in)|(?:\$\{?([A-Za-z_]+))/gm,
      )) {
        const name = assigned ?? looped;
        if (name !== undefined) set.add(name);
        else if (used !== undefined && !set.has(used))
          expect([at, used]).toEqual([at, "a variable that is set before"]);
      }
    }
  });

  test("explains what stands in capitals", () => {
    const explained = [...page.prose.matchAll(/`([^`]+)`/g)].flatMap(
      ([, code = ""]) => code.match(/[A-Z][A-Z_]+/g) ?? [],
    );
    const used = commandsOf(page).flatMap(({ words }) =>
      words
        .filter((word) => !word.includes('"'))
        .flatMap(
          (word) =>
            word.replace(/^[A-Z_]+[=-]|\$\{?\w+/g, "").match(/(?<![A-Za-z_])[A-Z][A-Z_]{2,}(?![A-Za-z=-])/g) ?? [],
        ),
    );
    expect([...new Set(used)].filter((word) => word !== "CNAME" && !explained.includes(word))).toEqual([]);
  });

  test("names files and pages that there are", () => {
    const inCommands = page.blocks.flatMap(
      ({ text }) => text.match(/(?<=\s)(?:infra|server|docs|stacks|agent)\/[\w./-]+/g) ?? [],
    );
    const inProse = [...page.prose.matchAll(/`((?:infra|server|docs|stacks)\/[\w./-]+)`/g)].map(
      ([, path = ""]) => path,
    );
    const folder = page.path.replace(/[^/]+$/, "");
    const links = [...page.prose.matchAll(/\]\((?!https?:|#)([^)#]+)/g)].map(([, target = ""]) => folder + target);
    expect([...inCommands, ...inProse, ...links].filter((path) => !existsSync(ROOT + path))).toEqual([]);
  });
});

describe("the runbooks", () => {
  test("set only settings that there are, to values that are accepted", () => {
    expect(RUNBOOKS.flatMap(commandsOf).flatMap(checkSettings)).toEqual([]);
  });

  test("read only outputs that the stack has", () => {
    const read = RUNBOOKS.flatMap(commandsOf).flatMap(({ program, words: [noun, verb, name] }) =>
      program === "pulumi" && noun === "stack" && verb === "output" && name !== undefined ? [name] : [],
    );
    expect(read.length).toBeGreaterThan(20);
    expect([...new Set(read)].filter((name) => !(name in inventory.outputs))).toEqual([]);
  });

  test("use every command that was reviewed", () => {
    const used = [
      ...PAGES.flatMap(commandsOf),
      ...workflowScripts().flatMap(({ script }) => shellCommands(script).commands),
    ];
    const unused = Object.entries(REVIEWED).flatMap(([program, commands]) =>
      Object.entries(commands).flatMap(([name, { flags = [] }]) => {
        const uses = used.filter((each) => each.program === program && startsWith(each, program, name));
        if (uses.length === 0) return [`${program} ${name}`];
        const words = uses.flatMap((each) => each.words.map((word) => word.replace(/=.*$/s, "")));
        return flags
          .filter((flag) => !words.includes(flag) && flag !== "--cacert")
          .map((flag) => `${program} ${name} ${flag}`);
      }),
    );
    expect(unused).toEqual([]);
  });
});

/** Whether it is this command of the program, global flags before it left out. */
function startsWith({ words }: ShellCommand, program: string, name: string): boolean {
  const skipped = GLOBAL_FLAGS[program]?.includes(words[0] ?? "") && !words[0]?.includes("=") ? words.slice(2) : words;
  return name === "" || skipped.slice(0, name.split(" ").length).join(" ") === name;
}

test("docs/operate/alerts.md has every alert there is, and no other", () => {
  const there = inventory.resources
    .filter(({ type }) => type === "gcp:monitoring/alertPolicy:AlertPolicy")
    .map(({ name, inputs }) => `${name.replace(/^relay-/, "")}: ${String(inputs.displayName).replace(/^Relay: /, "")}`);
  const { prose } = readPage("docs/operate/alerts.md");
  const told = [...prose.matchAll(/^## (.*)$/gm)].map(([, heading]) => heading);
  expect(there.length).toBeGreaterThan(10);
  expect(told.sort()).toEqual(there.sort());
});

test("every alert's page says what is the cause and what to do", () => {
  const { prose } = readPage("docs/operate/alerts.md");
  for (const section of prose.split(/^## /m).slice(1)) {
    expect(section).toContain("*Cause.*");
    expect(section).toContain("*Action.*");
  }
});

interface Job {
  readonly if?: string;
  readonly environment?: string;
  readonly permissions: Readonly<Record<string, string>>;
  readonly concurrency: { readonly "cancel-in-progress": boolean };
  readonly steps: readonly { readonly name?: string; readonly run?: string; readonly with?: Record<string, string> }[];
}
interface Workflow {
  readonly permissions: object;
  readonly jobs: { readonly preview: Job; readonly up: Job };
}

const WORKFLOW = readFileSync(`${ROOT}docs/examples/deploy-relay.yml`, "utf8");
const workflow = (): Workflow => parse(WORKFLOW) as Workflow;

function workflowScripts(): { readonly job: string; readonly script: string }[] {
  return Object.entries(workflow().jobs).flatMap(([job, { steps }]) =>
    steps.flatMap(({ run }) => (run === undefined ? [] : [{ job, script: run }])),
  );
}

describe("the workflow that deploys", () => {
  test("has scripts of commands that there are", () => {
    for (const { script } of workflowScripts()) {
      const { commands, errors } = shellCommands(script);
      expect(errors).toEqual([]);
      expect(commands.flatMap(check)).toEqual([]);
    }
  });

  test("plans with the policy pack in pull requests, and brings up the main branch alone", () => {
    const { preview, up } = workflow().jobs;
    const pulumi = (job: string) =>
      workflowScripts().flatMap((each) =>
        each.job === job ? shellCommands(each.script).commands.filter(({ program }) => program === "pulumi") : [],
      );
    expect(pulumi("preview").map(({ words }) => words[0])).toEqual(["preview"]);
    expect(pulumi("up").map(({ words }) => words[0])).toEqual(["up"]);
    for (const { words } of [...pulumi("preview"), ...pulumi("up")]) {
      expect(words.slice(words.indexOf("--policy-pack")).slice(0, 2)).toEqual(["--policy-pack", "infra/policy"]);
    }
    expect(up.if).toContain("github.ref == 'refs/heads/main'");
    expect(up.concurrency["cancel-in-progress"]).toBe(false);
    expect(preview.if).toContain("head.repo.full_name == github.repository");
  });

  test("threat: a key or a secret in GitHub, or more rights than a job needs", () => {
    expect(WORKFLOW).not.toMatch(/secrets\.|credentials_json|pull_request_target/);
    const { permissions, jobs } = workflow();
    expect(permissions).toEqual({});
    expect(jobs.up.permissions).toEqual({ contents: "read", "id-token": "write" });
    expect(jobs.preview.permissions).toEqual({ contents: "read", "id-token": "write", "pull-requests": "write" });
    expect([jobs.preview.environment, jobs.up.environment]).toEqual(["preview", "production"]);
    const providers = Object.values(jobs).map((job: Job) =>
      job.steps.map((step) => step.with?.workload_identity_provider).filter((each) => each !== undefined),
    );
    const variable = (name: string) => `$\{{ vars.${name} }}`;
    expect(providers).toEqual([[variable("PREVIEW_PROVIDER")], [variable("PIPELINE_PROVIDER")]]);
  });

  test("threat: text of a pull request that a shell runs", () => {
    for (const { script } of workflowScripts()) expect(script).not.toContain("${{");
  });
});
