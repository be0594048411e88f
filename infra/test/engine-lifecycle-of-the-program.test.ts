import { describeLifecycle } from "./support/describe-lifecycle.js";
import { relayProgram } from "./support/relay-program.js";

describeLifecycle(relayProgram("prod"));
