import type { Resource } from "@relay/provider-schema";

/** The functions that an object refers to as the API shows them: each by its name, and by its id beside it. */
export function functionReferencesView(
  { attributes }: Resource,
  { settings, functionNames }: { readonly settings: object; readonly functionNames?: Readonly<Record<string, string>> },
): Readonly<Record<string, string>> {
  const ids = settings as Readonly<Record<string, unknown>>;
  return Object.fromEntries(
    Object.entries(attributes).flatMap(([name, { refersTo }]): [string, string][] =>
      refersTo === "function"
        ? [
            [name, functionNames?.[name] ?? ""],
            [`${name}_id`, String(ids[name] ?? "")],
          ]
        : [],
    ),
  );
}
