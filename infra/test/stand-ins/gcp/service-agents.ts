/** The account that a service of Google's acts as in a project, by the service's API. `N` is the project's number. */
const AGENTS: Readonly<Record<string, string>> = {
  "artifactregistry.googleapis.com": "service-N@gcp-sa-artifactregistry.iam.gserviceaccount.com",
  "binaryauthorization.googleapis.com": "service-N@gcp-sa-binaryauthorization.iam.gserviceaccount.com",
  "compute.googleapis.com": "service-N@compute-system.iam.gserviceaccount.com",
  "container.googleapis.com": "service-N@container-engine-robot.iam.gserviceaccount.com",
  "gkebackup.googleapis.com": "service-N@gcp-sa-gkebackup.iam.gserviceaccount.com",
  "pubsub.googleapis.com": "service-N@gcp-sa-pubsub.iam.gserviceaccount.com",
  "secretmanager.googleapis.com": "service-N@gcp-sa-secretmanager.iam.gserviceaccount.com",
  "servicenetworking.googleapis.com": "service-N@service-networking.iam.gserviceaccount.com",
  "sqladmin.googleapis.com": "service-N@gcp-sa-cloud-sql.iam.gserviceaccount.com",
};

/** Of these the account comes with the API; others come with a ServiceIdentity. */
const COMES_WITH_THE_API = new Set(["compute.googleapis.com", "container.googleapis.com"]);

/** The address of a service's account. */
export function serviceAgent(service: string, projectNumber: string): string {
  const pattern = AGENTS[service] ?? `service-N@gcp-sa-${service.split(".")[0]}.iam.gserviceaccount.com`;
  return pattern.replace("N", projectNumber);
}

/** The service whose account an address is, and what brings that account into being; undefined for other addresses. */
export function serviceOfAgent(
  address: string,
  projectNumber: string,
): { readonly service: string; readonly by: "api" | "identity" } | undefined {
  const service = Object.keys(AGENTS).find((each) => serviceAgent(each, projectNumber) === address);
  if (service === undefined) return undefined;
  return { service, by: COMES_WITH_THE_API.has(service) ? "api" : "identity" };
}
