import * as gcp from "@pulumi/gcp";
import * as pulumi from "@pulumi/pulumi";
import type { RelayConfig } from "../config/read-config.js";
import type { Hosts } from "../hosts.js";
import { NAMESPACE } from "../identities.js";
import type { Project } from "../project.js";
import { alerts } from "./alerts.js";
import { dashboard } from "./dashboard.js";
import { Objectives } from "./objectives.js";

/** An input that nobody has: strangers are answered 200 too, and that is what is watched. */
const UPTIME_PATH = "/v1/webhooks/00000000-0000-0000-0000-000000000000";

export interface MonitoringArgs {
  readonly config: Pick<RelayConfig, "level" | "alertEmails" | "resumeWindow" | "databaseDiskLimitGb" | "domain">;
  readonly project: Project;
  readonly hosts: Hosts;
  /** Cloud SQL instance. */
  readonly instance: pulumi.Output<string>;
  readonly prefix: string;
  /** Whether there are servers to watch. */
  readonly deployed: boolean;
}

/** Who is told of what: alerts with the first thing to do, a check from outside, objectives, and a page to look at. */
export class Monitoring extends pulumi.ComponentResource {
  constructor(name: string, args: MonitoringArgs, options?: pulumi.ComponentResourceOptions) {
    super("relay:infra:Monitoring", name, {}, options);
    const { config, project, instance } = args;
    const parent = { parent: this };
    const channels = config.alertEmails.map(
      (address, index) =>
        new gcp.monitoring.NotificationChannel(
          `${name}-${index}`,
          { project: project.id, type: "email", displayName: address, labels: { email_address: address } },
          parent,
        ),
    );
    const notificationChannels = channels.map((channel) => channel.name);
    new gcp.monitoring.Dashboard(name, { project: project.id, dashboardJson: dashboard(project.id, instance) }, parent);
    this.#backups(name, args, notificationChannels);
    if (args.deployed) {
      this.#outside(name, args);
      this.#alerts(name, args, notificationChannels);
      new Objectives(name, { project, prefix: args.prefix, notificationChannels }, parent);
    }
    this.registerOutputs({});
  }

  #alerts(name: string, { config, project, instance }: MonitoringArgs, channels: pulumi.Output<string>[]): void {
    // The list is known, whatever the preview does not know yet: only the texts have the instance's name in them.
    const fill = (instanceName: string, projectId: string) =>
      alerts({
        project: projectId,
        instance: instanceName,
        namespace: NAMESPACE,
        resumeWindowS: seconds(config.resumeWindow),
        diskLimitGb: config.databaseDiskLimitGb,
      });
    const filled = pulumi.all([instance, project.id]).apply(([sql, id]) => fill(sql, id));
    for (const [index, { key, title, severity, forSeconds, whatToDo }] of fill("", "").entries()) {
      new gcp.monitoring.AlertPolicy(
        `${name}-${key}`,
        {
          project: project.id,
          displayName: `Relay: ${title}`,
          combiner: "OR",
          severity,
          conditions: [
            {
              displayName: title,
              conditionPrometheusQueryLanguage: {
                query: filled.apply((all) => all[index]?.query ?? ""),
                duration: `${forSeconds}s`,
                evaluationInterval: "60s",
                // A metric that nothing has written yet is no mistake on the first day.
                disableMetricValidation: true,
              },
            },
          ],
          documentation: { subject: `Relay: ${title}`, content: whatToDo, mimeType: "text/markdown" },
          alertStrategy: { autoClose: "1800s" },
          notificationChannels: channels,
          userLabels: { app: "relay" },
        },
        { parent: this },
      );
    }
  }

  /** A nightly backup that did not come about is an entry of the audit log, not a number. */
  #backups(name: string, { project, instance }: MonitoringArgs, notificationChannels: pulumi.Output<string>[]): void {
    const filter = pulumi.interpolate`resource.type="cloudsql_database" AND resource.labels.database_id="${project.id}:${instance}" AND log_id("cloudaudit.googleapis.com/system_event") AND protoPayload.methodName="cloudsql.instances.automatedBackup" AND NOT protoPayload.metadata.windowStatus:"SUCCEEDED"`;
    new gcp.monitoring.AlertPolicy(
      `${name}-backup-failed`,
      {
        project: project.id,
        displayName: "Relay: The database was not backed up",
        combiner: "OR",
        severity: "ERROR",
        conditions: [{ displayName: "A nightly backup failed or was skipped", conditionMatchedLog: { filter } }],
        documentation: {
          subject: "Relay: The database was not backed up",
          content:
            "Last night's backup is missing. Make one: gcloud sql backups create --instance INSTANCE. If that fails too, the message says why: the key (is a version of it disabled, has the grant gone?) or the quota. Point-in-time recovery goes on from the last good one.",
          mimeType: "text/markdown",
        },
        alertStrategy: { autoClose: "86400s", notificationRateLimit: { period: "3600s" } },
        notificationChannels,
        userLabels: { app: "relay" },
      },
      { parent: this },
    );
  }

  /** Asked from around the world, as senders do. */
  #outside(name: string, { config, project, hosts }: MonitoringArgs): void {
    new gcp.monitoring.UptimeCheckConfig(
      `${name}-ingest`,
      {
        project: project.id,
        displayName: "Relay: an input answers",
        period: "60s",
        timeout: "10s",
        monitoredResource: { type: "uptime_url", labels: { project_id: project.id, host: hosts.ingest } },
        httpCheck: {
          path: UPTIME_PATH,
          port: 443,
          useSsl: true,
          validateSsl: config.domain !== undefined,
          acceptedResponseStatusCodes: [{ statusValue: 200 }],
        },
      },
      { parent: this },
    );
  }
}

/** Seconds of a time with its unit, as the configuration has checked it. */
function seconds(text: string): number {
  const [, amount = "0", unit = "s"] = /^(\d+)(ms|s|m|h|d)$/.exec(text) ?? [];
  const factor = { ms: 0.001, s: 1, m: 60, h: 3600, d: 86_400 }[unit] ?? 1;
  return Number(amount) * factor;
}
