import { expectNumber, expectSet, expectValue } from "./core/expect.js";
import { ofKind } from "./core/of-kind.js";
import { type Rule, resourceRule, stackRule } from "./core/rule.js";
import { valueAt } from "./core/value-at.js";
import { violation } from "./core/verdict.js";
import { KINDS } from "./kinds.js";

const of = [KINDS.backupPlan];

export const recoveryRules: readonly Rule[] = [
  stackRule({
    id: "cluster-has-backup-plan",
    title: "The cluster is backed up",
    why: "Objects that somebody made by hand, and volumes, are in no repository.",
    fix: "Declare a gkebackup.BackupPlan for the cluster.",
    level: "production",
    check: (resources) =>
      ofKind(resources, KINDS.cluster).length === 0 || ofKind(resources, KINDS.backupPlan).length > 0
        ? []
        : [violation("the stack has a cluster and no BackupPlan")],
  }),
  resourceRule({
    id: "backup-plan-own-key",
    title: "Backups of the cluster are encrypted under your own key",
    why: "They hold what the cluster holds.",
    fix: "Set backupConfig.encryptionKey.gcpKmsEncryptionKey.",
    of,
    check: ({ props }) => expectSet(props, "backupConfig.encryptionKey.gcpKmsEncryptionKey"),
  }),
  resourceRule({
    id: "backup-plan-scheduled",
    title: "Backups of the cluster are taken by themselves, and kept",
    why: "A backup that somebody has to remember is missing on the day it is needed.",
    fix: "Set backupSchedule.cronSchedule, or rpoConfig, and retentionPolicy.backupRetainDays.",
    of,
    check: ({ props }) => [
      ...(valueAt(props, "backupSchedule.rpoConfig") === undefined
        ? expectSet(props, "backupSchedule.cronSchedule")
        : []),
      ...expectNumber(props, "retentionPolicy.backupRetainDays", { min: 1 }),
    ],
  }),
  resourceRule({
    id: "backup-plan-locked",
    title: "Nobody can shorten how long backups are kept",
    why: "Who holds the stack to ransom deletes its backups first.",
    fix: "Set retentionPolicy.locked: true and backupDeleteLockDays.",
    level: "advisory",
    of,
    check: ({ props }) => [
      ...expectValue(props, "retentionPolicy.locked", true),
      ...expectNumber(props, "retentionPolicy.backupDeleteLockDays", { min: 1 }),
    ],
  }),
];
