import { afterEach, expect, test } from "vitest";
import { describePulumi } from "../../provider-schema/test/support/describe-engine.js";
import { type InfraProject, makeInfraProject } from "./support/infra-project.js";

const LONG = { timeout: 180_000 };
/** The APIs that a program finds enabled: most of these tests are about something else. */
const APIS = ["compute", "cloudkms", "secretmanager", "servicenetworking", "sqladmin"].map(
  (name) => `${name}.googleapis.com`,
);
const KEY = `
  const ring = new gcp.kms.KeyRing("ring", { name: "ring", location: "europe-west3" });
  const key = new gcp.kms.CryptoKey("key", { name: "key", keyRing: ring.id });
`;

// The stand-in for Google's cloud is as strict as that cloud: what it lets pass unseen, no test of a program sees.
describePulumi("the stand-in for Google's cloud", (engine) => {
  let infra: InfraProject;
  afterEach(() => infra?.close(), LONG.timeout);

  async function make(program: string, { apis = APIS }: { apis?: readonly string[] } = {}): Promise<InfraProject> {
    const imports = `const pulumi = require("@pulumi/pulumi"); const gcp = require("@pulumi/gcp");`;
    infra = await makeInfraProject(engine, { program: `${imports}\n${program}` });
    infra.cloud.set({ enabledServices: apis });
    return infra;
  }

  test("refuses what the package's typings do not know, by its path, in a preview", LONG, async () => {
    // What is not known at the top the package itself drops.
    const { project } = await make(`
      const ipConfiguration = { ipv4Enabled: "no" };
      new gcp.sql.DatabaseInstance("d", { databaseVersion: "POSTGRES_17", settings: { availability: "REGIONAL", ipConfiguration } });
    `);
    const { exitCode, text } = await project.run(["preview", "--stack=test"]);
    expect(exitCode).not.toBe(0);
    expect(text).toMatch(
      /property settings\.availability value .* there is no such property; there is availabilityType/,
    );
    expect(text).toMatch(/property settings\.ipConfiguration\.ipv4Enabled value .* a string instead of a boolean/);
    expect(text).toMatch(/property settings\.tier value .* a value is required/);
  });

  test("knows what it chooses only when it has chosen it", LONG, async () => {
    const { project } = await make(
      `
      const account = new gcp.serviceaccount.Account("a", { accountId: "server" });
      const address = new gcp.compute.GlobalAddress("edge");
      exports.email = account.email;
      exports.address = address.address;
      exports.name = address.name;
    `,
      { apis: [...APIS, "iam.googleapis.com"] },
    );
    const { steps } = await project.preview();
    const address = steps.find(({ urn }) => urn.includes("GlobalAddress"));
    expect(address?.newState.outputs ?? {}).not.toHaveProperty("address", expect.stringMatching(/^\d/));
    await project.up();
    expect(await project.outputs()).toEqual({
      email: "server@relay-test.iam.gserviceaccount.com",
      address: expect.stringMatching(/^34\.149\.\d+\.\d+$/),
      name: expect.stringMatching(/^edge-[0-9a-f]{7}$/),
    });
  });

  test("refuses a resource whose API is not enabled yet", LONG, async () => {
    const { project } = await make(`new gcp.compute.Network("n");`, { apis: [] });
    expect((await project.tryUp()).text).toContain("compute.googleapis.com has not been used in project relay-test");
  });

  test("refuses to encrypt with a key that the service was not granted", LONG, async () => {
    const { project } = await make(`
      ${KEY}
      new gcp.sql.DatabaseInstance("d", { databaseVersion: "POSTGRES_17", encryptionKeyName: key.id });
    `);
    const { text } = await project.tryUp();
    expect(text).toContain(
      "service-123456789012@gcp-sa-cloud-sql.iam.gserviceaccount.com lacks cloudkms.cryptoKeyVersions.useToEncrypt on " +
        "projects/relay-test/locations/europe-west3/keyRings/ring/cryptoKeys/key",
    );
  });

  test("refuses a grant to a service's account that is not there yet", LONG, async () => {
    const { project } = await make(`
      ${KEY}
      new gcp.kms.CryptoKeyIAMMember("g", {
        cryptoKeyId: key.id,
        role: "roles/cloudkms.cryptoKeyEncrypterDecrypter",
        member: "serviceAccount:service-123456789012@gcp-sa-cloud-sql.iam.gserviceaccount.com",
      });
    `);
    const { text } = await project.tryUp();
    expect(text).toContain("service-123456789012@gcp-sa-cloud-sql.iam.gserviceaccount.com does not exist");
  });

  test("refuses a private database in a network without a connection to Google's", LONG, async () => {
    const { project } = await make(`
      const network = new gcp.compute.Network("n");
      const settings = { tier: "db-custom-2-7680", ipConfiguration: { privateNetwork: network.id } };
      new gcp.sql.DatabaseInstance("d", { databaseVersion: "POSTGRES_17", settings });
    `);
    expect((await project.tryUp()).text).toContain("doesn't have at least 1 private services connection");
  });

  test("does not delete what is protected, and keeps keys, whose names cannot be used again", LONG, async () => {
    const { project, cloud } = await make(`
      ${KEY}
      const { protect } = new pulumi.Config().requireObject("it");
      const database = { databaseVersion: "POSTGRES_17", deletionProtection: protect };
      new gcp.sql.DatabaseInstance("d", database, { dependsOn: key });
    `);
    await project.config("it", '{"protect":true}');
    await project.up();
    await expect(project.destroy()).rejects.toThrow("deletion_protection is set to true");
    await project.config("it", '{"protect":false}');
    await project.up();
    await project.destroy();
    expect(
      cloud
        .all()
        .map(({ type }) => type.split(":").at(-1))
        .sort(),
    ).toEqual(["CryptoKey", "KeyRing"]);
    expect((await project.tryUp()).text).toContain("Error 409: the resource");
  });

  test("finds what was changed and deleted behind the engine's back", LONG, async () => {
    const { project, cloud } = await make(`
      new gcp.compute.Network("n", { name: "n", routingMode: "REGIONAL" });
      new gcp.compute.GlobalAddress("a", { name: "a" });
    `);
    await project.up();
    const [network] = cloud.ofType("gcp:compute/network:Network");
    const [address] = cloud.ofType("gcp:compute/globalAddress:GlobalAddress");
    if (network === undefined || address === undefined) throw new Error("they are not there");
    cloud.put({
      ...network,
      inputs: { ...network.inputs, routingMode: "GLOBAL" },
      state: { ...network.state, routingMode: "GLOBAL" },
    });
    cloud.remove(address);
    await project.refresh();
    const { steps } = await project.preview();
    expect(steps.map(({ op, urn }) => `${op} ${urn.split("::").at(-1)}`).sort()).toEqual(["create a", "update n"]);
    await project.up();
    expect(cloud.ofType("gcp:compute/network:Network")[0]?.state.routingMode).toBe("REGIONAL");
    expect((await project.preview(["--expect-no-changes"])).steps).toEqual([]);
  });

  test("makes another resource for what cannot be changed", LONG, async () => {
    const { project } = await make(`
      const name = new pulumi.Config().require("name");
      new gcp.compute.Network("n", { name, autoCreateSubnetworks: name === "one" });
    `);
    await project.config("name", "one");
    await project.up();
    await project.config("name", "two");
    const { steps } = await project.up();
    expect(steps.map(({ op }) => op)).toEqual(
      expect.arrayContaining(["create-replacement", "replace", "delete-replaced"]),
    );
    expect(infra.cloud.all().map(({ id }) => id)).toEqual(["projects/relay-test/global/networks/two"]);
  });

  test("threat: a value that is only written is in no state, and the secret holds it", LONG, async () => {
    const { project } = await make(`
      const secret = new gcp.secretmanager.Secret("s", { secretId: "s", replication: { auto: {} } });
      const made = new gcp.secretmanager.SecretVersion("v", { secret: secret.id, secretDataWo: "behind the wall", secretDataWoVersion: 1 });
      exports.read = made.version.apply((version) => gcp.secretmanager.getSecretVersion({ secret: "s", version })).secretData;
    `);
    await project.up();
    const version = (await project.resources()).find(({ type }) => String(type).endsWith(":SecretVersion"));
    expect(Object.keys(version?.outputs ?? {})).not.toContain("secretDataWo");
    expect(await project.outputs()).toEqual({ read: "behind the wall" });
    const [kept] = infra.cloud.ofType("gcp:secretmanager/secretVersion:SecretVersion");
    expect(kept?.state).not.toHaveProperty("secretDataWo");
  });
});
