// Preloaded into a child that `npm start` starts: when its parent is gone, however it died, the child stops in order.
process.on("disconnect", () => process.kill(process.pid, "SIGTERM"));
process.channel?.unref();
