import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { LEVELS } from "../config/level.js";
import { programOf } from "./support/program.js";

interface Policy {
  readonly displayName: string;
  readonly severity: string;
  readonly combiner: string;
  readonly conditions: readonly {
    readonly conditionPrometheusQueryLanguage?: { query: string; duration: string; evaluationInterval: string };
    readonly conditionMatchedLog?: { filter: string };
    readonly conditionThreshold?: { filter: string };
  }[];
  readonly documentation: { readonly content: string; readonly subject: string };
  readonly alertStrategy: { readonly autoClose: string; readonly notificationRateLimit?: unknown };
  readonly notificationChannels: readonly string[];
}

/** The server's own metrics, as it declares them. */
const METRICS = new Set(
  ["metrics.ts", "kms-metrics.ts"].flatMap(
    (file) =>
      readFileSync(new URL(`../../server/src/telemetry/${file}`, import.meta.url), "utf8").match(/relay_[a-z_]+/g) ??
      [],
  ),
);
const SUFFIXES = /_(bucket|sum|count)$/;

describe.each(LEVELS)("%s", async (level) => {
  const program = await programOf(level);
  const policies = program
    .all("monitoring.AlertPolicy")
    .map(({ name, inputs }) => [name, inputs as unknown as Policy] as const);
  const queries = policies.flatMap(([, { conditions }]) =>
    conditions.flatMap(({ conditionPrometheusQueryLanguage: each }) => (each === undefined ? [] : [each])),
  );

  test("somebody is told of everything that can go wrong", () => {
    expect(policies.map(([name]) => name.replace("relay-", ""))).toEqual(
      expect.arrayContaining([
        "oldest-delivery",
        "failed-deliveries",
        "circuits-open",
        "ingest-refused",
        "commits-fail",
        "agents-gone",
        "database-down",
        "database-connections",
        "database-disk",
        "pool-exhausted",
        "certificate",
        "backup-failed",
        "restarts",
        "availability-burns",
        "latency-burns",
      ]),
    );
    // dev may have nobody to tell: what fires is seen in the console.
    expect(program.all("monitoring.NotificationChannel")).toHaveLength(level === "dev" ? 0 : 1);
    for (const [name, { notificationChannels }] of policies) {
      expect(notificationChannels, name).toHaveLength(level === "dev" ? 0 : 1);
    }
  });

  test("each says how bad it is, what to do first, and closes itself", () => {
    for (const [name, policy] of policies) {
      expect(["CRITICAL", "ERROR", "WARNING"], name).toContain(policy.severity);
      expect(policy.documentation.content.length, name).toBeGreaterThan(80);
      // Google's limit for a subject.
      expect(policy.documentation.subject.length, name).toBeLessThanOrEqual(255);
      expect(seconds(policy.alertStrategy.autoClose), name).toBeGreaterThanOrEqual(1800);
      const ofLogs = policy.conditions.some(({ conditionMatchedLog }) => conditionMatchedLog !== undefined);
      // Alerts on logs must have a limit, and others may not (monitoring API, AlertStrategy).
      expect(policy.alertStrategy.notificationRateLimit !== undefined, name).toBe(ofLogs);
    }
  });

  test("Google takes the conditions' times: multiples of half a minute", () => {
    for (const { query, duration, evaluationInterval } of queries) {
      expect(seconds(duration) % 30, query).toBe(0);
      expect(seconds(evaluationInterval) % 30, query).toBe(0);
    }
  });

  test("every metric that is asked for is one that the server has, or Google", () => {
    const dashboard = String(program.one("monitoring.Dashboard").inputs.dashboardJson);
    const slos = program.all("monitoring.Slo").map(({ inputs }) => JSON.stringify(inputs));
    const asked = [...queries.map(({ query }) => query), dashboard, ...slos].join("\n");
    const own = [...asked.matchAll(/\brelay_[a-z_]+/g)].map(([name]) => name);
    expect(own.length).toBeGreaterThan(20);
    for (const name of own) expect(METRICS.has(name) || METRICS.has(name.replace(SUFFIXES, "")), name).toBe(true);

    // As Cloud Monitoring lists them (its metrics list), written for PromQL: the first / is a colon, all else an underscore.
    const google = new Set([...asked.matchAll(/\b[a-z_]+:[a-z_]+\b(?=[{[)])/g)].map(([name]) => name));
    expect([...google].sort()).toEqual([
      "cloudsql_googleapis_com:database_cpu_utilization",
      "cloudsql_googleapis_com:database_disk_bytes_used",
      "cloudsql_googleapis_com:database_memory_utilization",
      "cloudsql_googleapis_com:database_postgresql_num_backends",
      "cloudsql_googleapis_com:database_up",
      "kubernetes_io:container_restart_count",
      "monitoring_googleapis_com:uptime_check_time_until_ssl_cert_expires",
    ]);
    // A metric of several kinds of resource is ambiguous without saying which.
    expect(asked).toContain('uptime_check_time_until_ssl_cert_expires{monitored_resource="uptime_url"}');
  });

  test("the relay is asked from outside, as a sender asks", () => {
    expect(program.one("monitoring.UptimeCheckConfig").inputs).toMatchObject({
      httpCheck: {
        path: "/v1/webhooks/00000000-0000-0000-0000-000000000000",
        port: 443,
        useSsl: true,
        // Without a domain the certificate is the stack's own.
        validateSsl: level !== "dev",
        acceptedResponseStatusCodes: [{ statusValue: 200 }],
      },
    });
  });

  test("there are objectives for taking webhooks and for delivering them", () => {
    const slos = program
      .all("monitoring.Slo")
      .map(({ inputs }) => [inputs.sloId, inputs.goal, inputs.rollingPeriodDays]);
    expect(slos).toEqual([
      ["ingest-availability", 0.999, 28],
      ["delivery-latency", 0.99, 28],
    ]);
    // Unique in the project, where other stacks may be.
    expect(program.one("monitoring.CustomService").inputs).toMatchObject({ serviceId: "relay-test" });
  });

  test("the dashboard is one that Google can show: tiles on its grid, which do not overlap", () => {
    const { mosaicLayout } = JSON.parse(String(program.one("monitoring.Dashboard").inputs.dashboardJson)) as Dashboard;
    const taken = mosaicLayout.tiles.map(({ xPos, yPos, width }) => {
      expect(xPos + width).toBeLessThanOrEqual(mosaicLayout.columns);
      return `${xPos},${yPos}`;
    });
    expect(new Set(taken).size).toBe(taken.length);
    expect(mosaicLayout.columns).toBeLessThanOrEqual(48);
  });

  // dev declares everything again instead: there is nothing in the cluster that is not declared.
  test(
    level === "dev" ? "the cluster is not backed up" : "the cluster is backed up every night, under the stack's key",
    () => {
      const plans = program.all("gkebackup.BackupPlan");
      expect(plans).toHaveLength(level === "dev" ? 0 : 1);
      const locked = level === "locked";
      for (const { inputs } of plans) {
        expect(inputs).toMatchObject({
          backupConfig: {
            selectedNamespaces: { namespaces: ["relay"] },
            includeSecrets: false,
            encryptionKey: { gcpKmsEncryptionKey: expect.stringContaining("/relay-backups-") },
          },
          backupSchedule: { cronSchedule: expect.stringMatching(/^\d+ \d+ \* \* \*$/) },
          retentionPolicy: { backupRetainDays: 30, backupDeleteLockDays: locked ? 30 : 7, locked },
        });
      }
    },
  );
});

test("there is nothing to watch before there are servers, but whether the database is backed up", async () => {
  const program = await programOf("dev", { image: undefined, proxyImage: undefined });
  expect(program.all("monitoring.AlertPolicy").map(({ name }) => name)).toEqual(["relay-backup-failed"]);
  expect(program.all("monitoring.Slo")).toEqual([]);
});

function seconds(text: string): number {
  return Number(/^(\d+)s$/.exec(text)?.[1]);
}

interface Dashboard {
  readonly mosaicLayout: {
    readonly columns: number;
    readonly tiles: readonly { readonly xPos: number; readonly yPos: number; readonly width: number }[];
  };
}
