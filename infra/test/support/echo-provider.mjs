// A stand-in for the providers of Google Cloud and of Kubernetes that makes what it is asked to, without looking at it:
// enough for tests of the policy pack, which judges what goes in. Prints its port, as every plugin does.
import grpc from "@grpc/grpc-js";
import pluginMessages from "@pulumi/pulumi/proto/plugin_pb.js";
import service from "@pulumi/pulumi/proto/provider_grpc_pb.js";
import messages from "@pulumi/pulumi/proto/provider_pb.js";
import emptyMessages from "google-protobuf/google/protobuf/empty_pb.js";

let made = 0;

/** @param {any} call @param {any} callback */
function check(call, callback) {
  const response = new messages.CheckResponse();
  response.setInputs(call.request.getNews());
  callback(null, response);
}

/** @param {any} _call @param {any} callback */
function configure(_call, callback) {
  const response = new messages.ConfigureResponse();
  response.setSupportspreview(true);
  callback(null, response);
}

/** @param {any} call @param {any} callback */
function create(call, callback) {
  const response = new messages.CreateResponse();
  made += 1;
  if (!call.request.getPreview()) response.setId(`made-${made}`);
  response.setProperties(call.request.getProperties());
  callback(null, response);
}

const server = new grpc.Server();
server.addService(service.ResourceProviderService, {
  checkConfig: check,
  check,
  configure,
  create,
  diffConfig: (/** @type {any} */ _call, /** @type {any} */ callback) => callback(null, new messages.DiffResponse()),
  diff: (/** @type {any} */ _call, /** @type {any} */ callback) => callback(null, new messages.DiffResponse()),
  delete: (/** @type {any} */ _call, /** @type {any} */ callback) => callback(null, new emptyMessages.Empty()),
  cancel: (/** @type {any} */ _call, /** @type {any} */ callback) => callback(null, new emptyMessages.Empty()),
  getPluginInfo: (/** @type {any} */ _call, /** @type {any} */ callback) => {
    const info = new pluginMessages.PluginInfo();
    info.setVersion("1.0.0");
    callback(null, info);
  },
});
server.bindAsync("127.0.0.1:0", grpc.ServerCredentials.createInsecure(), (error, port) => {
  if (error) throw error;
  process.stdout.write(`${port}\n`);
});
