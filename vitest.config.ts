import { defineConfig } from "vitest/config";
import { BaseSequencer } from "vitest/node";

/** Small files that take long. */
const LONG =
  /\/(crash-rounds|engine-[a-z-]+|kms-away|kms-rotation-and-moving|pulumi-behaviour|stacks|manifest-commands|token-rotation)\.test\.ts$/;

/** Starts the longest files first: vitest goes by size. */
class LongestFirst extends BaseSequencer {
  override async sort(files: Parameters<BaseSequencer["sort"]>[0]) {
    const sorted = await super.sort(files);
    const rank = (file: { moduleId: string }) => (LONG.test(file.moduleId) ? 0 : 1);
    return sorted.sort((a, b) => rank(a) - rank(b));
  }
}

const EXCLUDED = ["**/node_modules/**", "**/dist/**"];
/** Start processes, or have a database. */
const WITH_PROCESSES = [
  "infra/test/{engine,container}-*.test.ts",
  "infra/test/{the-first-check-works,the-restore-drill-works}.test.ts",
  "server/src/{hint/postgres-hint,crypto/keyring}.test.ts",
];

export default defineConfig({
  test: {
    testTimeout: 30_000,
    hookTimeout: 60_000,
    teardownTimeout: 30_000,
    // `expect.poll`: the default of a second is too short on a busy machine.
    expect: { poll: { timeout: 10_000 } },
    // For two cores: tests of processes wait for a third of their time.
    pool: "forks",
    maxWorkers: 3,
    sequence: { sequencer: LongestFirst },
    passWithNoTests: false,
    allowOnly: false,
    disableConsoleIntercept: true,
    // The summary of this reporter is the last thing printed.
    reporters: ["default"],
    projects: [
      {
        extends: true,
        test: {
          name: "processes",
          include: ["{provider-schema,server,agent,bench}/test/**/*.test.ts", ...WITH_PROCESSES],
          exclude: EXCLUDED,
          globalSetup: ["server/test/support/global-setup.ts", "provider-schema/test/support/tell-missing-engines.ts"],
        },
      },
      {
        extends: true,
        test: {
          name: "pure",
          include: ["{provider-schema,server,agent,bench}/src/**/*.test.ts", "infra/**/*.test.ts"],
          exclude: [...EXCLUDED, ...WITH_PROCESSES],
          // What they import is loaded once for all of them: that was half of their time.
          isolate: false,
        },
      },
    ],
  },
});
