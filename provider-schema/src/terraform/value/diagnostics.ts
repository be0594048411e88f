import type { Path, Problem } from "../../engine/problem.js";
import type { Attributes } from "../../model.js";
import { type Diagnostic, Diagnostic_Severity } from "../protocol/generated/tfplugin6.js";
import { attributePath } from "./attribute-path.js";

/** What is wrong or worth knowing, without a place in the configuration. */
export function diagnostic(severity: "error" | "warning", summary: string, detail: string): Diagnostic {
  return {
    severity: severity === "error" ? Diagnostic_Severity.ERROR : Diagnostic_Severity.WARNING,
    summary,
    detail: sentence(detail),
    attribute: undefined,
  };
}

/** The same at an attribute, which terraform shows in the configuration. */
export function attributeDiagnostic(
  severity: "error" | "warning",
  summary: string,
  { path, message, hint }: Problem,
  attributes: Attributes,
): Diagnostic {
  const text = hint === undefined ? message : `${message}; ${hint}`;
  return {
    ...diagnostic(severity, summary, path.length === 0 ? text : `${pathText(path)} ${text}`),
    attribute: path.length === 0 ? undefined : attributePath(attributes, path),
  };
}

/** Problems of a configuration, each at its attribute. */
export function configDiagnostics(problems: readonly Problem[], attributes: Attributes): Diagnostic[] {
  return problems.map((each) => attributeDiagnostic("error", "Wrong configuration", each, attributes));
}

function pathText(path: Path): string {
  return path.map((step, i) => (typeof step === "number" ? `[${step}]` : i === 0 ? step : `.${step}`)).join("");
}

function sentence(text: string): string {
  return /[.!?]$/.test(text) ? text : `${text}.`;
}
