import { describe, expect, test } from "vitest";
import { LEVELS } from "../config/level.js";
import { programOf } from "./support/program.js";

describe.each(LEVELS)("%s", async (level) => {
  const program = await programOf(level);
  const instance = program.one("sql.DatabaseInstance");
  const dev = level === "dev";

  test("the database has no public address, and takes no connection that is not encrypted", () => {
    expect(instance.inputs).toMatchObject({
      settings: {
        connectorEnforcement: "REQUIRED",
        dataApiAccess: "DISALLOW_DATA_API",
        ipConfiguration: {
          ipv4Enabled: false,
          privateNetwork: expect.stringContaining("/Network/"),
          sslMode: "ENCRYPTED_ONLY",
          serverCaMode: "GOOGLE_MANAGED_CAS_CA",
          serverCertificateRotationMode: "AUTOMATIC_ROTATION_DURING_MAINTENANCE",
        },
      },
    });
    expect(instance.inputs).not.toHaveProperty("settings.ipConfiguration.authorizedNetworks");
  });

  test("the database is made once the network is peered", () => {
    expect(program.waitsFor(instance, program.one("servicenetworking.Connection"))).toBe(true);
  });

  test("it is a PostgreSQL that is maintained, of an edition that its tier belongs to", () => {
    expect(Number(String(instance.inputs.databaseVersion).replace("POSTGRES_", ""))).toBeGreaterThanOrEqual(17);
    expect(instance.inputs).toMatchObject({
      settings: { edition: "ENTERPRISE", tier: expect.stringMatching(/^db-custom-/), diskType: "PD_SSD" },
    });
  });

  // dev has one zone: half the price, and nothing that must survive.
  test(dev ? "it is in one zone" : "it survives the loss of a zone", () => {
    expect(instance.inputs).toHaveProperty("settings.availabilityType", dev ? "ZONAL" : "REGIONAL");
  });

  test(dev ? "it goes with one destroy" : "threat: somebody deletes it; both switches against that are on", () => {
    expect(instance.inputs).toMatchObject({
      deletionProtection: !dev,
      settings: { deletionProtectionEnabled: !dev, retainBackupsOnDelete: !dev },
    });
    expect(instance.protect).toBe(!dev);
    if (!dev) {
      expect(instance.inputs).toHaveProperty("settings.finalBackupConfig", { enabled: true, retentionDays: 30 });
    }
  });

  test("its disk grows by itself, so far and no further, and is never taken back", () => {
    expect(instance.inputs).toMatchObject({
      settings: { diskAutoresize: true, diskAutoresizeLimit: expect.any(Number) },
    });
    expect(instance.ignoreChanges).toContain("settings.diskSize");
  });

  test("it can be taken back to any moment of the last days, and to any night of the last month", () => {
    const backups = dev ? 3 : 30;
    expect(instance.inputs).toMatchObject({
      settings: {
        backupConfiguration: {
          enabled: true,
          startTime: "02:00",
          pointInTimeRecoveryEnabled: true,
          // A night more than the logs reach back.
          transactionLogRetentionDays: dev ? 2 : 7,
          backupRetentionSettings: { retainedBackups: backups, retentionUnit: "COUNT" },
        },
      },
    });
  });

  test("its maintenance has a time, its slow statements are seen, and neither its clients' addresses are noted", () => {
    expect(instance.inputs).toMatchObject({
      settings: {
        maintenanceWindow: { day: 7, hour: 4, updateTrack: "stable" },
        insightsConfig: { queryInsightsEnabled: true, recordClientAddress: false },
        passwordValidationPolicy: { enablePasswordPolicy: true, minLength: 16 },
      },
    });
  });

  test("its flags let IAM in and log what an operator asks for", () => {
    const settings = instance.inputs.settings as { databaseFlags: { name: string; value: string }[] };
    const flags = Object.fromEntries(settings.databaseFlags.map(({ name, value }) => [name, value]));
    expect(flags).toMatchObject({
      "cloudsql.iam_authentication": "on",
      idle_in_transaction_session_timeout: "60000",
      log_lock_waits: "on",
      log_min_duration_statement: "1000",
    });
    expect(flags["cloudsql.enable_pgaudit"]).toBe(level === "dev" ? undefined : "on");
  });

  test("threat: a password of the database leaks; nobody has one", () => {
    const users = program.all("sql.User");
    expect(users.map(({ name }) => name).sort()).toEqual(["migrations", "server"]);
    for (const { inputs } of users) {
      expect(inputs).toMatchObject({
        type: "CLOUD_IAM_SERVICE_ACCOUNT",
        name: expect.stringMatching(/@relay-project\.iam$/),
      });
      expect(inputs).not.toHaveProperty("password");
      // PostgreSQL's limit.
      expect(String(inputs.name).length).toBeLessThanOrEqual(63);
    }
  });

  test("threat: a captured server reads the schema's owner; only migrations are given a role of the database", () => {
    const roles = Object.fromEntries(program.all("sql.User").map(({ name, inputs }) => [name, inputs.databaseRoles]));
    expect(roles).toEqual({ migrations: ["cloudsqlsuperuser"], server: undefined });
  });

  test("the data stays when the database leaves the program", () => {
    expect(program.one("sql.Database").inputs).toMatchObject({ deletionPolicy: "ABANDON" });
  });

  test("workloads may connect and log in to this instance, and no other", () => {
    const grants = program.all("projects.IAMMember").filter(({ inputs }) => String(inputs.role).includes("cloudsql"));
    expect(grants.map(({ inputs }) => inputs.role).sort()).toEqual([
      "roles/cloudsql.client",
      "roles/cloudsql.client",
      "roles/cloudsql.instanceUser",
      "roles/cloudsql.instanceUser",
    ]);
    for (const { inputs } of grants) {
      expect(inputs).toHaveProperty(
        "condition.expression",
        'resource.name == "projects/relay-project/instances/relay-1a2b3c4" && resource.service == "sqladmin.googleapis.com"',
      );
    }
  });
});
