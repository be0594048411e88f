import { describeLifecycle } from "./support/describe-lifecycle.js";
import { SMALL_PROGRAM } from "./support/small-program.js";

describeLifecycle(SMALL_PROGRAM);
