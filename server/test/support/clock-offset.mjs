// Loaded before a server's program (`node --import`): its wall clock is off by as many milliseconds as the file
// TEST_CLOCK_FILE says, from SIGUSR2 on. The monotonic clock goes on, as it does when the time of a machine is set.
import { readFileSync } from "node:fs";

const trueTime = Date.now.bind(Date);
const file = process.env.TEST_CLOCK_FILE ?? "";
let offset = 0;

function read() {
  try {
    offset = Number(readFileSync(file, "utf8"));
  } catch {
    // It was never set.
  }
}

read();
Date.now = () => trueTime() + offset;
process.on("SIGUSR2", read);
