// Stands in for the language host of the official CLI. The one that can be built here is older than policy packs that a
// language host starts: this passes everything on to it, and starts packs as the official one does, by the module
// run-policy-pack of the pack's own @pulumi/pulumi, in the pack's folder.
//
// Usage: node language-host.mjs REAL-HOST [arguments of the engine]; prints its port, as every plugin does.
import { spawn } from "node:child_process";
import { createRequire } from "node:module";
import { join } from "node:path";
import { createInterface } from "node:readline";
import grpc from "@grpc/grpc-js";
import service from "@pulumi/pulumi/proto/language_grpc_pb.js";
import messages from "@pulumi/pulumi/proto/language_pb.js";

const [real = "", ...args] = process.argv.slice(2);
const host = spawn(real, args, { stdio: ["ignore", "pipe", "inherit"] });
host.on("exit", (code) => process.exit(code ?? 1));
for (const signal of /** @type {const} */ (["SIGINT", "SIGTERM"])) process.on(signal, () => host.kill("SIGKILL"));

/** @type {string} */
const port = await new Promise((resolve) => createInterface({ input: host.stdout }).once("line", resolve));
const Client = grpc.makeGenericClientConstructor(service.LanguageRuntimeService, "LanguageRuntime");
const client = new Client(`127.0.0.1:${port}`, grpc.credentials.createInsecure());

/**
 * @param {import("@grpc/grpc-js").ServerWritableStream<import("@pulumi/pulumi/proto/language_pb.js").RunPluginRequest,
 *   import("@pulumi/pulumi/proto/language_pb.js").RunPluginResponse>} call
 */
function runPlugin(call) {
  const folder = call.request.getInfo()?.getProgramDirectory() ?? "";
  const module = createRequire(join(folder, "package.json")).resolve("@pulumi/pulumi/cmd/run-policy-pack");
  const env = Object.fromEntries(
    call.request.getEnvList().map((each) => [each.slice(0, each.indexOf("=")), each.slice(each.indexOf("=") + 1)]),
  );
  const pack = spawn(process.execPath, [module, ...call.request.getArgsList(), folder], { cwd: folder, env });
  /** @param {(response: import("@pulumi/pulumi/proto/language_pb.js").RunPluginResponse) => void} fill */
  const answer = (fill) => {
    const response = new messages.RunPluginResponse();
    fill(response);
    call.write(response);
  };
  pack.stdout.on("data", (data) => answer((response) => response.setStdout(data)));
  pack.stderr.on("data", (data) => answer((response) => response.setStderr(data)));
  pack.on("exit", (code) => {
    answer((response) => response.setExitcode(code ?? 1));
    call.end();
  });
  call.on("cancelled", () => pack.kill());
}

/** @type {Record<string, import("@grpc/grpc-js").UntypedHandleCall>} */
const methods = {};
for (const [name, { responseStream }] of Object.entries(service.LanguageRuntimeService)) {
  methods[name] = responseStream
    ? (/** @type {any} */ call) => {
        const answers = /** @type {any} */ (client)[name](call.request, call.metadata);
        answers.on("error", (/** @type {Error} */ error) => call.destroy(error));
        answers.pipe(call);
      }
    : (/** @type {any} */ call, /** @type {any} */ callback) =>
        /** @type {any} */ (client)[name](call.request, call.metadata, callback);
}
methods.runPlugin = /** @type {any} */ (runPlugin);

const server = new grpc.Server();
server.addService(service.LanguageRuntimeService, methods);
server.bindAsync("127.0.0.1:0", grpc.ServerCredentials.createInsecure(), (error, bound) => {
  if (error) throw error;
  process.stdout.write(`${bound}\n`);
});
