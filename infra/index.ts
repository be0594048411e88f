import * as pulumi from "@pulumi/pulumi";
import { stackConfig } from "./config/stack-config.js";
import { relayStack } from "./stack.js";

export default relayStack({ config: stackConfig(), stack: pulumi.getStack(), now: new Date() });
