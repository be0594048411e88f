import { execFileSync } from "node:child_process";
import { copyFile, mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";

/**
 * Puts into an image's file tree what its base image has and the server may use, in the same places: Node.js, the C
 * library and the others that it is linked with (this machine's), the user, and the folders that engines mount over. As
 * there: no shell, no package manager, no other program.
 */
export async function addBaseSystem(root: string, nodeBin: string): Promise<void> {
  const node = join(nodeBin, "node");
  const libraries = execFileSync("ldd", [node], { encoding: "utf8" }).matchAll(/(?:=> |^\s*)(\/\S+) \(0x/gm);
  const files: [string, string][] = [[node, "/nodejs/bin/node"]];
  for (const [, library = ""] of libraries) files.push([library, library]);
  for (const [from, to] of files) {
    await mkdir(dirname(join(root, to)), { recursive: true });
    await copyFile(from, join(root, to));
  }
  for (const folder of ["proc", "dev", "tmp", "etc", "run/secrets"])
    await mkdir(join(root, folder), { recursive: true });
  const texts = {
    passwd: "root:x:0:0:root:/root:/sbin/nologin\nnonroot:x:65532:65532:nonroot:/home/nonroot:/sbin/nologin\n",
    group: "root:x:0:\nnonroot:x:65532:\n",
    hosts: "127.0.0.1 localhost\n::1 localhost\n",
    "nsswitch.conf": "hosts: files dns\n",
  };
  for (const [name, text] of Object.entries(texts)) await writeFile(join(root, "etc", name), text);
}
