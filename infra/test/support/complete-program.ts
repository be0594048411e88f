import type { Level } from "../../config/level.js";
import type { InventoryOptions } from "./inventory.js";
import { type Program, programOf } from "./program.js";

/** What a stack may have beside what its level has: each of these is asked for by a rule. */
const EVERYTHING = { securityGroup: "gke-security-groups@example.com", agentsPerReplica: "1000" };

/** The program with every setting on that a rule of the policy pack asks for. */
export function completeProgram(level: Level, options?: InventoryOptions): Promise<Program> {
  return programOf(level, EVERYTHING, options);
}
