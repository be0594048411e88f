/** Such as `buckets.github.inputs.push.headers.X-A[0]`; a name with other characters is quoted. */
export function manifestPath(steps: readonly (string | number)[]): string {
  return steps.reduce<string>((path, step) => {
    if (typeof step === "number") return `${path}[${step}]`;
    if (!/^[\p{L}\p{N}_-]+$/u.test(step)) return `${path}[${JSON.stringify(step)}]`;
    return path === "" ? step : `${path}.${step}`;
  }, "");
}
