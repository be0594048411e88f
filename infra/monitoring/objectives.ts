import * as gcp from "@pulumi/gcp";
import * as pulumi from "@pulumi/pulumi";
import type { Project } from "../project.js";

export interface ObjectivesArgs {
  readonly project: Project;
  /** Services' ids are unique in the project. */
  readonly prefix: string;
  readonly notificationChannels: pulumi.Input<string>[];
}

/** Of 28 days: 99.9 % of webhooks taken, 99 % delivered within a second. And who is told when a month's failures go in hours. */
export class Objectives extends pulumi.ComponentResource {
  constructor(
    name: string,
    { project, prefix, notificationChannels }: ObjectivesArgs,
    options?: pulumi.ComponentResourceOptions,
  ) {
    super("relay:infra:Objectives", name, {}, options);
    const parent = { parent: this };
    const service = new gcp.monitoring.CustomService(
      name,
      { project: project.id, serviceId: prefix, displayName: "Relay" },
      parent,
    );
    const metric = (metricName: string, type: string) =>
      `metric.type="prometheus.googleapis.com/${metricName}/${type}" AND resource.type="prometheus_target"`;
    const taken = metric("relay_webhooks_received_total", "counter");
    const refused = `${metric("relay_webhooks_refused_total", "counter")} AND metric.labels.status=monitoring.regex.full_match("5..")`;
    const availability = new gcp.monitoring.Slo(
      `${name}-availability`,
      {
        project: project.id,
        service: service.serviceId,
        sloId: "ingest-availability",
        displayName: "Webhooks are taken",
        goal: 0.999,
        rollingPeriodDays: 28,
        requestBasedSli: { goodTotalRatio: { goodServiceFilter: taken, badServiceFilter: refused } },
      },
      parent,
    );
    const latency = new gcp.monitoring.Slo(
      `${name}-latency`,
      {
        project: project.id,
        service: service.serviceId,
        sloId: "delivery-latency",
        displayName: "Deliveries take less than a second",
        goal: 0.99,
        rollingPeriodDays: 28,
        requestBasedSli: {
          distributionCut: {
            distributionFilter: metric("relay_delivery_seconds", "histogram"),
            range: { min: 0, max: 1 },
          },
        },
      },
      parent,
    );
    for (const [key, slo] of Object.entries({ availability, latency })) {
      new gcp.monitoring.AlertPolicy(
        `${name}-${key}-burns`,
        {
          project: project.id,
          displayName: `Relay: the objective of ${key} is being missed`,
          combiner: "OR",
          severity: "ERROR",
          conditions: [
            {
              displayName: "A month's failures in two days",
              conditionThreshold: {
                filter: pulumi.interpolate`select_slo_burn_rate("${slo.name}", "3600s")`,
                comparison: "COMPARISON_GT",
                thresholdValue: 14,
                duration: "0s",
                aggregations: [],
              },
            },
          ],
          documentation: {
            subject: `Relay: the objective of ${key} is being missed`,
            content:
              "At this rate the failures allowed in 28 days are used up within two. The alerts beside this one say where: ingest (refused, commits), the database, or destinations.",
            mimeType: "text/markdown",
          },
          alertStrategy: { autoClose: "1800s" },
          notificationChannels,
          userLabels: { app: "relay" },
        },
        parent,
      );
    }
    this.registerOutputs({});
  }
}
