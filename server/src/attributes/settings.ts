import type { Attributes, Json, Values } from "@relay/provider-schema";
import { declaredValues } from "@relay/provider-schema";

/** Settings of an object as the database keeps them: by the names of their attributes, without secrets. */
export type Settings = Values;

/** Secrets of an object that the server uses itself, by the path of their attribute, such as `signing.secret`. */
export type SettingSecrets = Readonly<Record<string, string>>;

export interface WholeSettings {
  readonly settings: Settings;
  readonly secrets: SettingSecrets;
}

/**
 * What `written` says of the attributes, defaults filled in. A secret that is not given stays what it was, as long as what it
 * belongs to stays: nobody can read it back to give it again.
 */
export function replacedSettings(attributes: Attributes, written: Values, before: SettingSecrets): WholeSettings {
  const secrets: Record<string, string> = {};
  const settings = without(attributes, declaredValues(attributes, written), "", (path, given) => {
    const value = typeof given === "string" && given !== "" ? given : before[path];
    if (value !== undefined) secrets[path] = value;
  });
  return { settings, secrets };
}

/** The same where only what is written changes. */
export function mergedSettings(attributes: Attributes, written: Values, before: WholeSettings): WholeSettings {
  const own = Object.fromEntries(Object.keys(attributes).map((name) => [name, written[name] ?? before.settings[name]]));
  return replacedSettings(attributes, own as Values, before.secrets);
}

/** Settings as the API shows them: defaults filled in, null where there is nothing. */
export function settingsView(attributes: Attributes, settings: Settings): Values {
  const values = declaredValues(attributes, settings);
  const shown = Object.entries(attributes).filter(([, { secret }]) => secret === undefined);
  return Object.fromEntries(shown.map(([name]) => [name, values[name] ?? null]));
}

/** Paths of the secrets that a change gives anew. */
export function changedSettingSecrets(before: SettingSecrets, after: SettingSecrets): string[] {
  return Object.keys(after).filter((path) => after[path] !== before[path]);
}

function without(
  attributes: Attributes,
  values: Values,
  at: string,
  onSecret: (path: string, value: Json | undefined) => void,
): Values {
  return Object.fromEntries(
    Object.entries(attributes).flatMap(([name, attribute]): [string, Json][] => {
      const path = at === "" ? name : `${at}.${name}`;
      const value = values[name];
      if (attribute.secret === "given") {
        onSecret(path, value);
        return [];
      }
      if (value === undefined) return [];
      const { kind } = attribute;
      const nested = kind.type === "object" && typeof value === "object" && value !== null && !Array.isArray(value);
      return [[name, nested ? without(kind.attributes, value as Values, path, onSecret) : value]];
    }),
  );
}
