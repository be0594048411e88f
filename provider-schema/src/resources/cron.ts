import type { Resource } from "../model.js";
import { BUCKET_ID, BUCKET_REFERENCE, DESCRIPTION, functionReference, ID, nameAttribute } from "./common.js";
import { HEADERS_KIND } from "./input.js";

export const CRON: Resource = {
  name: "cron",
  plural: "crons",
  parent: "bucket",
  doc: "A cron sends webhooks into its bucket by a schedule.",
  importExample: "reports/nightly",
  // `next_run` is in answers of the API alone: it changes with every run, and a state that holds it would soon be wrong.
  attributes: {
    id: ID,
    bucket: { ...BUCKET_REFERENCE, example: "reports" },
    bucket_id: BUCKET_ID,
    name: { ...nameAttribute("cron", "nightly"), doc: "Name of the cron, unique in its bucket." },
    description: DESCRIPTION,
    enabled: {
      kind: { type: "boolean" },
      presence: { default: true },
      doc: "Whether it runs.",
    },
    schedule: {
      kind: { type: "string", maxLength: 200 },
      presence: "required",
      check: "schedule",
      example: "30 6 * * 1-5",
      doc: "When it runs: five fields (minute, hour, day of the month, month, day of the week), a word such as `@daily`, or `@every` with a duration from `1s` to `31d`, such as `@every 10m`.",
    },
    timezone: {
      kind: { type: "string", maxLength: 100 },
      presence: { default: "UTC" },
      check: "timezone",
      example: "Europe/Berlin",
      doc: "IANA time zone in which the fields are read.",
    },
    recurring: {
      kind: { type: "boolean" },
      presence: { default: true },
      doc: "Whether it runs again and again; false: once.",
    },
    starts_at: {
      kind: { type: "string", maxLength: 40 },
      presence: { default: "" },
      check: "moment",
      example: "2026-12-01T00:00:00Z",
      doc: "It does not run before this time (RFC 3339); empty: from now on. Durations of `@every` are counted from it, else from 1970-01-01T00:00:00Z.",
    },
    ends_at: {
      kind: { type: "string", maxLength: 40 },
      presence: { default: "" },
      check: "moment",
      example: "2027-12-01T00:00:00Z",
      doc: "It does not run after this time (RFC 3339); empty: for ever.",
    },
    start_within: {
      kind: { type: "integer", minimum: 1, maximum: 3600 },
      presence: { default: 60 },
      unit: "seconds",
      example: 300,
      doc: "How late a run may start. One that could not start in this time, because no server ran, was missed.",
    },
    missed: {
      kind: { type: "string", oneOf: ["skip", "once"] },
      presence: { default: "skip" },
      doc: "What becomes of missed runs: `skip` leaves them out; `once` makes one run for all of them as soon as a server runs.",
    },
    method: {
      kind: { type: "string", oneOf: ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"] },
      presence: { default: "POST" },
      doc: "Method of the webhook.",
    },
    path: {
      kind: { type: "string", maxLength: 2000 },
      presence: { default: "" },
      check: "path",
      example: "/reports?kind=daily",
      doc: "What stands behind the input's address in a webhook that a sender posts: a path, and a query if there is one.",
    },
    headers: {
      kind: HEADERS_KIND,
      presence: { default: {} },
      check: "headers",
      example: { "Content-Type": ["application/json"] },
      doc: "Fields of the webhook: each name with its values. Without a `Content-Type`, a payload is sent as `application/json` when it is JSON, else as `text/plain`.",
    },
    payload: {
      kind: { type: "string" },
      presence: { default: "" },
      check: "body",
      example: '{"report":"daily"}',
      doc: "Body of the webhook.",
    },
    function: functionReference("sees each webhook before the outputs do: it may change it or stop it"),
  },
};
