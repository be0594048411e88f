import { expectSet, expectThat, expectValue } from "./core/expect.js";
import { listAt } from "./core/list-at.js";
import { ofKind } from "./core/of-kind.js";
import { peekAt } from "./core/peek-at.js";
import type { Resource } from "./core/resource.js";
import { type Rule, resourceRule, stackRule } from "./core/rule.js";
import { textAt } from "./core/text-at.js";
import type { Value } from "./core/value.js";
import { violation } from "./core/verdict.js";
import { KINDS } from "./kinds.js";

/** What has to be watched, and how an alert's names and queries tell that it watches it. */
const WATCHED: Readonly<Record<string, RegExp>> = {
  "age of the oldest undelivered webhook": /oldest|undelivered|queue.?age/i,
  "failures of deliveries": /fail.*deliver|deliver.*fail|deliveries_total/i,
  "errors of ingest": /5xx|5\.\./i,
  "loss of agents": /agents?\b.*\b(gone|lost|away|missing)|(gone|lost|missing).*\bagents?\b/i,
  "connections to the database": /(database|sql|postgres).*(connection|backend)|connection.*(database|sql)/i,
  "disk of the database": /disk/i,
  "exhaustion of the pool": /pool/i,
  "expiry of certificates": /certificate/i,
  "age of backups": /backup/i,
  restarts: /restart/i,
};

/** The same for a stack whose database has a read replica. */
const WATCHED_WITH_REPLICA = { ...WATCHED, "replication of the database": /replica/i };

function wordsOf(alert: Resource): string {
  const queries = listAt(alert.props, "conditions").flatMap((condition) => [
    textAt(condition, "displayName"),
    textAt(condition, "conditionPrometheusQueryLanguage.query"),
  ]);
  return [alert.name, textAt(alert.props, "displayName"), ...queries].join(" ");
}

/** A query of Prometheus, or what Prometheus does not have: an entry of a log, or an objective of Google's. */
function isToldApart(condition: Value): boolean {
  return (
    peekAt(condition, "conditionPrometheusQueryLanguage.query") !== undefined ||
    peekAt(condition, "conditionMatchedLog.filter") !== undefined ||
    textAt(condition, "conditionThreshold.filter")?.includes("select_slo_burn_rate") === true
  );
}

function hasReplica(resources: readonly Resource[]): boolean {
  // An output, too: empty, or in a preview not yet known, for an instance that is nobody's replica.
  return ofKind(resources, KINDS.databaseInstance).some(
    ({ props }) =>
      typeof peekAt(props, "masterInstanceName") === "string" && peekAt(props, "masterInstanceName") !== "",
  );
}

export const monitoringRules: readonly Rule[] = [
  resourceRule({
    id: "alert-says-what-to-do",
    title: "An alert says what to do",
    why: "Whoever is woken by it did not write it.",
    fix: "Set documentation.content to the first steps, and severity.",
    of: [KINDS.alertPolicy],
    settings: { minLength: { default: 80, description: "Shortest documentation, in characters." } },
    check: ({ props }, { minLength }) => [
      ...expectThat(props, "documentation.content", {
        says: "does not say what to do",
        test: (text) => typeof text === "string" && text.trim().length >= minLength,
      }),
      ...expectValue(props, "severity", ["CRITICAL", "ERROR", "WARNING"]),
    ],
  }),
  resourceRule({
    id: "alert-reaches-somebody",
    title: "An alert reaches somebody",
    why: "One that nobody gets is as good as none.",
    fix: "Set notificationChannels.",
    level: "production",
    of: [KINDS.alertPolicy],
    check: ({ props }) => expectSet(props, "notificationChannels"),
  }),
  resourceRule({
    id: "alert-closes-by-itself",
    title: "An alert closes by itself",
    why: "The next time is not told while the last one is still open.",
    fix: "Set alertStrategy.autoClose.",
    of: [KINDS.alertPolicy],
    check: ({ props }) => expectSet(props, "alertStrategy.autoClose"),
  }),
  resourceRule({
    id: "alert-by-prometheus",
    title: "Alerts are queries of Prometheus, but for entries of a log and burn rates of objectives",
    why: "They can be tried against the metrics of the relay anywhere, also without Google.",
    fix: "Set conditionPrometheusQueryLanguage in each condition, or conditionMatchedLog, or conditionThreshold over select_slo_burn_rate.",
    of: [KINDS.alertPolicy],
    check: ({ props }) =>
      expectThat(props, "conditions", {
        says: "are not all queries of Prometheus, entries of a log or burn rates",
        test: (conditions) => Array.isArray(conditions) && conditions.length > 0 && conditions.every(isToldApart),
      }),
  }),
  stackRule({
    id: "alerts-cover-what-fails",
    title: "All that can fail has an alert",
    why: "What is not watched is found out by senders.",
    fix: `Declare an AlertPolicy for each of: ${Object.keys(WATCHED).join(", ")}; and with a read replica for its replication.`,
    check: (resources) => {
      if (ofKind(resources, KINDS.deployment).length === 0) return [];
      const alerts = ofKind(resources, KINDS.alertPolicy);
      const words = alerts.map(wordsOf);
      return Object.entries(hasReplica(resources) ? WATCHED_WITH_REPLICA : WATCHED)
        .filter(([, pattern]) => !words.some((text) => pattern.test(text)))
        .map(([subject]) => violation(`nothing watches the ${subject}`));
    },
  }),
  stackRule({
    id: "alerts-have-a-channel",
    title: "There is somebody to tell",
    why: "Alerts without a channel are rows in a console.",
    fix: "Declare a monitoring.NotificationChannel.",
    level: "production",
    check: (resources) =>
      ofKind(resources, KINDS.alertPolicy).length === 0 || ofKind(resources, KINDS.notificationChannel).length > 0
        ? []
        : [violation("there are alerts and no NotificationChannel")],
  }),
  stackRule({
    id: "uptime-checked-from-outside",
    title: "Ingest is tried from outside",
    why: "From inside, everything works while DNS, certificate or edge are broken.",
    fix: "Declare a monitoring.UptimeCheckConfig. The API answers named networks alone, so Google's checks cannot try it.",
    settings: { checks: { default: 1, description: "Fewest uptime checks." } },
    check: (resources, { checks }) => {
      const there = ofKind(resources, KINDS.uptimeCheck).length;
      const needed = ofKind(resources, KINDS.deployment).length > 0;
      return !needed || there >= checks ? [] : [violation(`there are ${there} uptime checks, not ${checks}`)];
    },
  }),
  resourceRule({
    id: "uptime-check-validates-tls",
    title: "Uptime checks insist on the certificate",
    why: "A check that accepts any certificate does not notice that senders refuse it.",
    fix: "Set httpCheck.useSsl: true and validateSsl: true.",
    level: "production",
    of: [KINDS.uptimeCheck],
    check: ({ props }) => [
      ...expectValue(props, "httpCheck.useSsl", true),
      ...expectValue(props, "httpCheck.validateSsl", true),
    ],
  }),
  stackRule({
    id: "slo-for-ingest-and-delivery",
    title: "Ingest and delivery have objectives",
    why: "Without one nobody can say whether a bad hour was too bad.",
    fix: "Declare a monitoring.Slo for availability of ingest and one for latency of delivery.",
    settings: { objectives: { default: 2, description: "Fewest objectives." } },
    check: (resources, { objectives }) => {
      const there = ofKind(resources, KINDS.slo).length;
      const needed = ofKind(resources, KINDS.deployment).length > 0;
      return !needed || there >= objectives ? [] : [violation(`there are ${there} objectives, not ${objectives}`)];
    },
  }),
];
