/** Says something on the host's log, which shows it under `TF_LOG`. Never a secret. */
export type Log = (level: "debug" | "info" | "warn" | "error", message: string, fields?: LogFields) => void;

type LogFields = Readonly<Record<string, string | number | boolean>>;

/** Lines as the host's own logger writes them, on stderr; it keeps others as raw text. Nothing unless the host wants a log. */
export function hostLog(env: NodeJS.ProcessEnv, write: (line: string) => void): Log {
  const wanted = [env.TF_LOG, env.TF_LOG_PROVIDER].some((level) => level !== undefined && level !== "");
  return (level, message, fields = {}) => {
    if (!wanted) return;
    // The host takes no other number of digits than six.
    const time = new Date().toISOString().replace("Z", "000Z");
    write(
      `${JSON.stringify({ "@level": level, "@message": message, "@module": "relay", "@timestamp": time, ...fields })}\n`,
    );
  };
}
