/**
 * What somebody is told about, day or night. Each says what is going on, what is at stake, and what to do first; the page
 * docs/operate/alerts.md of the project carries it further.
 */

export interface Alert {
  readonly key: string;
  readonly title: string;
  readonly severity: "CRITICAL" | "ERROR" | "WARNING";
  /** PromQL that gives a series while something is wrong. */
  readonly query: string;
  /** For how long it must be wrong. */
  readonly forSeconds: number;
  readonly whatToDo: string;
}

export interface Watched {
  readonly project: string;
  /** Cloud SQL instance. */
  readonly instance: string;
  readonly namespace: string;
  /** Seconds that a webhook waits for an agent before it is stalled. */
  readonly resumeWindowS: number;
  readonly diskLimitGb: number;
}

const MINUTE = 60;

/** The alerts of one deployment. */
export function alerts({ project, instance, namespace, resumeWindowS, diskLimitGb }: Watched): Alert[] {
  const database = `{database_id="${project}:${instance}"}`;
  return [
    {
      key: "oldest-delivery",
      title: "Webhooks wait for delivery",
      severity: "CRITICAL",
      query: `max(relay_queue_age_seconds) > ${Math.max(60, Math.floor(resumeWindowS / 2))}`,
      forSeconds: 2 * MINUTE,
      whatToDo: `The oldest webhook has waited for half the time after which it is stalled. Is its agent connected (relay status, the metric relay_agents)? If it is, its destination is slow or down: relay logs --status preparing shows which. Once the agent is back they go out by themselves; what was stalled: relay resend --status stalled.`,
    },
    {
      key: "failed-deliveries",
      title: "Destinations refuse or fail",
      severity: "ERROR",
      query: `sum by (outcome) (rate(relay_deliveries_total{outcome=~"failed|unreachable|blocked"}[10m])) / scalar(sum(rate(relay_deliveries_total[10m]))) > 0.05`,
      forSeconds: 10 * MINUTE,
      whatToDo:
        "More than one delivery in twenty ends with this outcome. failed: the destination answers, and not with 2xx; look at its own log. unreachable: it is down or slow. blocked: the agent may not call it, by its own list. Afterwards: relay resend --status failed.",
    },
    {
      key: "circuits-open",
      title: "Public destinations are left alone",
      severity: "WARNING",
      query: "max(relay_circuits_open) > 0",
      forSeconds: 10 * MINUTE,
      whatToDo:
        "A public destination has failed so long that it is called only to see whether it is back; its webhooks wait, and fail at the deadline of its output. The servers' log says which and why (circuit.opened). When it is back all goes out by itself. Do all fail? Then look at the way out: NAT, OUTBOUND_PROXY, DNS.",
    },
    {
      key: "ingest-refused",
      title: "Webhooks are refused",
      severity: "CRITICAL",
      query: `sum(rate(relay_webhooks_refused_total{status=~"5.."}[5m])) > 0.1`,
      forSeconds: 5 * MINUTE,
      whatToDo:
        "Senders get 503, and not all of them try again. Look at the database first (is it up, is its disk full, is the CPU at its end), then at memory: INGEST_MEMORY, and relay_ingest_pending_bytes. More servers help when it is the CPU of these.",
    },
    {
      key: "commits-fail",
      title: "Webhooks cannot be committed",
      severity: "CRITICAL",
      query: "sum(rate(relay_commit_failures_total[5m])) > 0",
      forSeconds: 2 * MINUTE,
      whatToDo:
        "The database refuses or loses writes; nothing was answered that is not stored. Look at the instance: failover under way, disk, connections. The servers' log has the reason: webhooks.commit-failed.",
    },
    {
      key: "agents-gone",
      title: "Agents have gone",
      severity: "CRITICAL",
      query: "sum(relay_agents) < 0.5 * sum(max_over_time(relay_agents[1h]))",
      forSeconds: 5 * MINUTE,
      whatToDo:
        "Fewer than half of the agents of the last hour are connected. A network or a proxy on their side, a token that was rotated without them (relay_agents_on_old_secret), or the edge: does https://agents.DOMAIN answer, does its security policy deny them?",
    },
    {
      key: "database-down",
      title: "The database is down",
      severity: "CRITICAL",
      query: `min(cloudsql_googleapis_com:database_up${database}) < 1`,
      forSeconds: MINUTE,
      whatToDo:
        "Senders get 503 until it is back. A failover takes about a minute: gcloud sql operations list. If it does not come back: docs/operate/restore.md.",
    },
    {
      key: "database-disk",
      title: "The database's disk fills up",
      severity: "ERROR",
      query: `max(cloudsql_googleapis_com:database_disk_bytes_used${database}) > ${Math.floor(0.85 * diskLimitGb)} * 1e9`,
      forSeconds: 10 * MINUTE,
      whatToDo:
        "It grows by itself, but no further than databaseDiskLimitGb: at the end of it nothing is taken any more. Raise the setting, or keep less (retentionDays), and find who floods it: relay_webhook_body_bytes_total.",
    },
    {
      key: "database-cpu",
      title: "The database is at its end",
      severity: "WARNING",
      query: `max(avg_over_time(cloudsql_googleapis_com:database_cpu_utilization${database}[10m])) > 0.85`,
      forSeconds: 10 * MINUTE,
      whatToDo:
        "Webhooks are answered late. Query Insights shows what runs. A larger databaseTier needs a restart of a minute.",
    },
    {
      key: "database-connections",
      title: "The database runs out of connections",
      severity: "WARNING",
      query: `sum(cloudsql_googleapis_com:database_postgresql_num_backends${database}) > 0.8 * 16 * scalar(count(relay_agents)) + 50`,
      forSeconds: 10 * MINUTE,
      whatToDo:
        "Each server takes at most 18. If there are more, something else has logged in: pg_stat_activity says who. Fewer connections for each server: DB_MAX_OPEN_CONNS.",
    },
    {
      key: "pool-exhausted",
      title: "Servers wait for the database",
      severity: "WARNING",
      query: "min_over_time(max(relay_database_waiting)[5m:]) > 0",
      forSeconds: 5 * MINUTE,
      whatToDo:
        "For minutes there was always a statement that waited for a free connection. If the database is at its end (its CPU, Query Insights), that comes first. If it has room: more servers, or more connections for each (DB_MAX_OPEN_CONNS).",
    },
    {
      key: "kms-away",
      title: "Servers cannot reach the key that unlocks their keys",
      severity: "CRITICAL",
      query: "min(relay_kms_up) < 1",
      forSeconds: 2 * MINUTE,
      whatToDo:
        "Cloud KMS does not answer, or refuses: the servers' log says which (kms.away, kms.refused). Out of reach, what is in memory goes on for KMS_GRACE, an hour by default; refused, it ends within a minute and senders get 503. Is a version of the key webhooks disabled, has the servers' grant on it gone, is cloudkms.googleapis.com reachable from the pods?",
    },
    {
      key: "servers-busy",
      title: "Servers cannot keep up",
      severity: "WARNING",
      query: `max(relay_event_loop_delay_seconds{quantile="0.99"}) > 0.5`,
      forSeconds: 10 * MINUTE,
      whatToDo:
        "A server is out of CPU: everything on it is late. Has the autoscaler reached replicasMax? Are the nodes full?",
    },
    {
      key: "restarts",
      title: "Servers restart again and again",
      severity: "ERROR",
      query: `max by (pod_name) (increase(kubernetes_io:container_restart_count{namespace_name="${namespace}"}[15m])) > 3`,
      forSeconds: MINUTE,
      whatToDo: `kubectl -n ${namespace} describe pod POD and kubectl -n ${namespace} logs POD --previous: the last lines say why it ended. After an upgrade: has the job migrations-… succeeded?`,
    },
    {
      key: "certificate",
      title: "The certificate is about to expire",
      severity: "ERROR",
      query:
        'min(monitoring_googleapis_com:uptime_check_time_until_ssl_cert_expires{monitored_resource="uptime_url"}) < 14',
      forSeconds: 60 * MINUTE,
      whatToDo:
        "Google renews it a month before. That it has not: the DNS record of the authorization is gone, or a CAA record forbids it. gcloud certificate-manager certificates describe names the reason.",
    },
    {
      key: "drift",
      title: "What exists is not what was declared",
      severity: "WARNING",
      query: "max by (manifest) (relay_manifest_drift) > 0",
      forSeconds: 60 * MINUTE,
      whatToDo:
        "Somebody has changed by hand what a manifest declares. relay diff -f FILE shows what, the audit log who; the next apply takes it back.",
    },
  ];
}
