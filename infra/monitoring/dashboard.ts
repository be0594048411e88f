import * as pulumi from "@pulumi/pulumi";

interface Chart {
  readonly title: string;
  readonly queries: Readonly<Record<string, string>>;
}

const COLUMNS = 2;
const WIDTH = 24;
const HEIGHT = 16;

/** What is looked at first, top to bottom: what comes in, what goes out, what waits, who is there, and the database. */
function charts(database: string): Chart[] {
  return [
    {
      title: "Webhooks per second",
      queries: {
        taken: "sum(rate(relay_webhooks_received_total[5m]))",
        "refused ${metric.labels.status}": "sum by (status) (rate(relay_webhooks_refused_total[5m]))",
      },
    },
    {
      title: "Deliveries per second, by outcome",
      queries: { "${metric.labels.outcome}": "sum by (outcome) (rate(relay_deliveries_total[5m]))" },
    },
    {
      title: "Age of the oldest that waits, in seconds",
      queries: { oldest: "max(relay_queue_age_seconds)" },
    },
    {
      title: "Deliveries that are not done",
      queries: { "${metric.labels.state}": "max by (state) (relay_deliveries_unfinished)" },
    },
    {
      title: "Time to answer a sender, in seconds",
      queries: {
        p50: "histogram_quantile(0.5, sum by (le) (rate(relay_ingest_seconds_bucket[5m])))",
        p99: "histogram_quantile(0.99, sum by (le) (rate(relay_ingest_seconds_bucket[5m])))",
      },
    },
    {
      title: "Time at agent and destination, in seconds",
      queries: {
        p50: "histogram_quantile(0.5, sum by (le) (rate(relay_delivery_seconds_bucket[5m])))",
        p99: "histogram_quantile(0.99, sum by (le) (rate(relay_delivery_seconds_bucket[5m])))",
      },
    },
    {
      title: "Connected agents",
      queries: { agents: "sum(relay_agents)", "on an old secret": "sum(relay_agents_on_old_secret)" },
    },
    {
      title: "Event-loop delay, 99th percentile, in seconds",
      queries: { "${metric.labels.pod}": 'max by (pod) (relay_event_loop_delay_seconds{quantile="0.99"})' },
    },
    {
      title: "Database: CPU and memory",
      queries: {
        cpu: `max(cloudsql_googleapis_com:database_cpu_utilization${database})`,
        memory: `max(cloudsql_googleapis_com:database_memory_utilization${database})`,
      },
    },
    {
      title: "Database: disk and connections",
      queries: {
        "disk, bytes": `max(cloudsql_googleapis_com:database_disk_bytes_used${database})`,
        connections: `sum(cloudsql_googleapis_com:database_postgresql_num_backends${database})`,
      },
    },
  ];
}

/** The dashboard as Cloud Monitoring takes it (monitoring API, projects.dashboards). */
export function dashboard(project: pulumi.Input<string>, instance: pulumi.Input<string>): pulumi.Output<string> {
  return pulumi.all([project, instance]).apply(([projectId, name]) =>
    JSON.stringify({
      displayName: "Relay",
      mosaicLayout: {
        columns: COLUMNS * WIDTH,
        tiles: charts(`{database_id="${projectId}:${name}"}`).map(({ title, queries }, index) => ({
          xPos: (index % COLUMNS) * WIDTH,
          yPos: Math.floor(index / COLUMNS) * HEIGHT,
          width: WIDTH,
          height: HEIGHT,
          widget: {
            title,
            xyChart: {
              dataSets: Object.entries(queries).map(([legendTemplate, prometheusQuery]) => ({
                plotType: "LINE",
                legendTemplate,
                timeSeriesQuery: { prometheusQuery },
              })),
            },
          },
        })),
      },
    }),
  );
}
