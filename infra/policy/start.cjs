// Pulumi loads a pack by `require`, with a ts-node that compiles to CommonJS and does not know that "./x.js" is written in
// x.ts. So this one file is JavaScript, and hands over to tsx, which runs the rest as the program itself is run.
module.exports = async () => {
  const { tsImport } = await import("tsx/esm/api");
  await tsImport("./index.ts", __filename);
};
