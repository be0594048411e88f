/**
 * Whether a path of the build context, relative to it, is kept out of a build by the lines of a .dockerignore: the last
 * line that matches the path, or a folder that it lies in, decides, and `!` lets in again (Docker's manual, "Build
 * context").
 */
export function dockerIgnore(text: string): (path: string) => boolean {
  const rules = text
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "" && !line.startsWith("#"))
    .map((line) => {
      const lets = line.startsWith("!");
      return { lets, matches: new RegExp(`^${patternOf(lets ? line.slice(1) : line)}(/.*)?$`) };
    });
  return (path) => {
    let ignored = false;
    for (const { lets, matches } of rules) if (matches.test(path)) ignored = !lets;
    return ignored;
  };
}

function patternOf(glob: string): string {
  return glob
    .replace(/^\.?\/|\/$/g, "")
    .replace(/[.+^${}()|[\]\\]/g, "\\$&")
    .replace(/\*\*\/|\*\*|\*|\?/g, (part) => {
      if (part === "**/") return "(?:.*/)?";
      if (part === "**") return ".*";
      return part === "*" ? "[^/]*" : "[^/]";
    });
}
