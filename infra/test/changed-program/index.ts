// The program with inputs of one resource changed on their way, for tests of what refuses that.
import "./change-inputs.js";

export { default } from "../../index.js";
