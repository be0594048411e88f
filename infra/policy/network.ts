import { expectNone, expectNumber, expectSet, expectThat, expectValue, expectValues } from "./core/expect.js";
import { isAfter } from "./core/is-after.js";
import { listAt } from "./core/list-at.js";
import { ofKind } from "./core/of-kind.js";
import type { Resource } from "./core/resource.js";
import { type Rule, resourceRule, stackRule } from "./core/rule.js";
import { textAt } from "./core/text-at.js";
import { valueAt } from "./core/value-at.js";
import { violation } from "./core/verdict.js";
import { KINDS } from "./kinds.js";

const EVERYWHERE = "0.0.0.0/0";
/** Where Google's load balancers and health checks come from. */
const HEALTH_CHECKS = ["35.191.0.0/16", "130.211.0.0/22"];

/** Subnets of load balancers and of Private Service Connect hold no machines. */
function holdsMachines({ props }: Resource): boolean {
  return ["PRIVATE", undefined].includes(textAt(props, "purpose"));
}

function deniesAll({ props }: Resource): boolean {
  return (
    (textAt(props, "direction") ?? "INGRESS") === "INGRESS" &&
    listAt(props, "denies").some((deny) => textAt(deny, "protocol") === "all") &&
    listAt(props, "sourceRanges").includes(EVERYWHERE)
  );
}

function letsHealthChecksIn({ props }: Resource): boolean {
  const ranges = listAt(props, "sourceRanges");
  return listAt(props, "allows").length > 0 && HEALTH_CHECKS.every((range) => ranges.includes(range));
}

export const networkRules: readonly Rule[] = [
  resourceRule({
    id: "network-custom-mode",
    title: "The network holds only what is declared",
    why: "An automatic network has a subnet in every region of the world, with ranges nobody chose.",
    fix: "Set autoCreateSubnetworks: false and routingMode: REGIONAL.",
    of: [KINDS.network],
    check: ({ props }) => expectValues(props, { autoCreateSubnetworks: false, routingMode: "REGIONAL" }),
  }),
  resourceRule({
    id: "subnet-private-google-access",
    title: "Machines reach Google's APIs without a public address",
    why: "Private nodes have no other way to the registry, to KMS and to the logs.",
    fix: "Set privateIpGoogleAccess: true.",
    of: [KINDS.subnetwork],
    check: (subnet) => (holdsMachines(subnet) ? expectValue(subnet.props, "privateIpGoogleAccess", true) : []),
  }),
  resourceRule({
    id: "subnet-ranges-for-pods-and-services",
    title: "Pods and services have ranges of their own",
    why: "A VPC-native cluster takes them from the subnet; ranges that Google chooses collide with others later.",
    fix: "Set secondaryIpRanges, one for pods and one for services.",
    of: [KINDS.subnetwork],
    check: (subnet) =>
      holdsMachines(subnet)
        ? expectThat(subnet.props, "secondaryIpRanges", {
            says: "has not two ranges, for pods and for services",
            test: (ranges) => Array.isArray(ranges) && ranges.length >= 2,
          })
        : [],
  }),
  resourceRule({
    id: "gcp-3.8-subnet-flow-logs",
    title: "Flows of every subnet are logged",
    why: "After a break-in they are the only record of who talked to whom.",
    fix: "Set logConfig with aggregationInterval, flowSampling and metadata: INCLUDE_ALL_METADATA.",
    of: [KINDS.subnetwork],
    check: (subnet) =>
      holdsMachines(subnet)
        ? [
            ...expectSet(subnet.props, "logConfig.aggregationInterval"),
            ...expectNumber(subnet.props, "logConfig.flowSampling", { min: 0.01 }),
            ...expectValue(subnet.props, "logConfig.metadata", "INCLUDE_ALL_METADATA"),
          ]
        : [],
  }),
  resourceRule({
    id: "nat-fixed-addresses",
    title: "Webhooks leave from fixed addresses",
    why: "Destinations can allow-list the relay only when its addresses do not change.",
    fix: "Set natIpAllocateOption: MANUAL_ONLY and natIps to addresses of the stack.",
    of: [KINDS.nat],
    check: ({ props }) => [...expectValue(props, "natIpAllocateOption", "MANUAL_ONLY"), ...expectSet(props, "natIps")],
  }),
  resourceRule({
    id: "nat-logs-errors",
    title: "Connections that NAT refuses are logged",
    why: "When ports run out, webhooks fail as time-outs, and nothing else tells why.",
    fix: "Set logConfig: { enable: true, filter: ERRORS_ONLY }.",
    of: [KINDS.nat],
    check: ({ props }) => expectValues(props, { "logConfig.enable": true, "logConfig.filter": ["ERRORS_ONLY", "ALL"] }),
  }),
  resourceRule({
    id: "nat-ports-for-webhooks",
    title: "NAT has ports for many outgoing webhooks",
    why: "With Google's default a node has 64 connections to one destination.",
    fix: "Set enableDynamicPortAllocation: true and minPortsPerVm.",
    of: [KINDS.nat],
    settings: { minPortsPerVm: { default: 128, description: "Smallest minPortsPerVm." } },
    check: ({ props }, { minPortsPerVm }) => [
      ...expectValue(props, "enableDynamicPortAllocation", true),
      ...expectNumber(props, "minPortsPerVm", { min: minPortsPerVm }),
    ],
  }),
  stackRule({
    id: "database-private-services-access",
    title: "The database is made after the network's private services access",
    why: "A private address is taken from a range that is reserved and peered first, or creation fails.",
    fix: "Declare a GlobalAddress with purpose: VPC_PEERING and a servicenetworking.Connection; let the instance depend on it.",
    check: (resources) => {
      const connections = ofKind(resources, KINDS.privateServices);
      const reserved = ofKind(resources, KINDS.globalAddress).some(
        ({ props }) => textAt(props, "purpose") === "VPC_PEERING",
      );
      return ofKind(resources, KINDS.databaseInstance).flatMap((database) => {
        if (valueAt(database.props, "settings.ipConfiguration.privateNetwork") === undefined) return [];
        if (!reserved) return [violation("no GlobalAddress with purpose VPC_PEERING is reserved", database.urn)];
        if (connections.some((connection) => isAfter(database, connection, resources))) return [];
        return [violation("the instance does not depend on a servicenetworking.Connection", database.urn)];
      });
    },
  }),
  stackRule({
    id: "firewall-denies-by-default",
    title: "What no rule allows cannot come in",
    why: "The deny is visible and logged only when it is a rule of its own.",
    fix: "Declare a Firewall with direction INGRESS, sourceRanges 0.0.0.0/0 and denies of protocol all, at the lowest priority.",
    check: (resources) => {
      if (ofKind(resources, KINDS.network).length === 0) return [];
      const denied = ofKind(resources, KINDS.firewall).some(deniesAll);
      return denied ? [] : [violation("no firewall rule denies all ingress")];
    },
  }),
  resourceRule({
    id: "gcp-3.6-no-port-open-to-the-internet",
    title: "No firewall rule opens a port to the Internet",
    why: "The load balancer is the only way in; any other open port is found within minutes.",
    fix: "Set sourceRanges to the ranges that need the port, or remove the rule.",
    of: [KINDS.firewall],
    check: ({ props }) =>
      listAt(props, "allows").length === 0 || textAt(props, "direction") === "EGRESS"
        ? []
        : expectNone(props, "sourceRanges", {
            says: "lets the whole Internet in",
            test: (range) => range === EVERYWHERE || range === "::/0",
          }),
  }),
  stackRule({
    id: "firewall-lets-health-checks-in",
    title: "Health checks of the load balancer come in",
    why: "Under a default deny no backend is ever healthy without it.",
    fix: `Declare a Firewall that allows the status port from ${HEALTH_CHECKS.join(" and ")}.`,
    check: (resources) => {
      if (ofKind(resources, KINDS.gateway).length === 0) return [];
      const rules = ofKind(resources, KINDS.firewall);
      const open = rules.some(letsHealthChecksIn);
      return open ? [] : [violation("no firewall rule allows the ranges of health checks")];
    },
  }),
];
