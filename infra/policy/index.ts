import { PolicyPack } from "@pulumi/policy";
import { toPolicy } from "./core/to-policy.js";
import { RULES } from "./rules.js";

new PolicyPack("relay", { policies: RULES.map(toPolicy) });
