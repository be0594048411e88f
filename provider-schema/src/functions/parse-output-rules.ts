import { manifestPath } from "../manifest/manifest-path.js";
import { FunctionArgumentError, type Json, type ProviderFunction } from "../model.js";
import { ruleProblems } from "../rules/rule-problems.js";

export const PARSE_OUTPUT_RULES: ProviderFunction = {
  name: "parse_output_rules",
  doc: "The tree of rules in a JSON text, for the attribute `rules` of an output. Fails with the place of what is wrong.",
  parameters: [
    {
      name: "json",
      doc: "JSON of a tree of rules, for example the content of a file.",
      kind: { type: "string" },
    },
  ],
  result: { type: "json" },
  call: (json) => {
    const tree = parsed(String(json));
    const problems = ruleProblems(tree);
    if (problems.length === 0) return tree;
    const lines = problems.map(({ path, message, hint }) => {
      const line = `${manifestPath(["rules", ...path])} ${message}`;
      return hint === undefined ? line : `${line}; ${hint}`;
    });
    throw new FunctionArgumentError(0, lines.join("\n"));
  },
};

function parsed(json: string): Json {
  try {
    return JSON.parse(json) as Json;
  } catch (error) {
    // The parser's words may repeat the text, and in it a secret.
    const [where] = / at position \d+| end of JSON input/.exec((error as Error).message) ?? [""];
    throw new FunctionArgumentError(0, `is not JSON: the text is wrong${where === "" ? "" : `${where}`}`);
  }
}
