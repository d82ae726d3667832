"""One environment, from the network up.

network, firewall, ways to AWS · cluster, images, logs, tables, secrets, buckets · the public door and the way to vLLM ·
roles and GPU hosts · the API and vLLM in both colours · the deployer and the operator · the manifest, last.
"""

import pulumi

from stacks import config
from stacks.components.access_lists import AccessLists, AccessListsArgs
from stacks.components.alerts import Alerts, AlertsArgs
from stacks.components.api import Api, ApiArgs
from stacks.components.autoscaling import Autoscaling, AutoscalingArgs
from stacks.components.budget import Budget, BudgetArgs
from stacks.components.capacity import Capacity, CapacityArgs
from stacks.components.certificate import Certificate, CertificateArgs
from stacks.components.cluster import Cluster, ClusterArgs
from stacks.components.deployer import Deployer, DeployerArgs
from stacks.components.domain import Domain, DomainArgs
from stacks.components.endpoints import Endpoints, EndpointsArgs
from stacks.components.firewall import Firewall, FirewallArgs
from stacks.components.flow_log import FlowLog, FlowLogArgs
from stacks.components.foundation import Foundation
from stacks.components.gpu_metrics import GpuMetrics, GpuMetricsArgs
from stacks.components.identity import Identity, IdentityArgs
from stacks.components.images import Images, ImagesArgs
from stacks.components.inference import Inference, InferenceArgs
from stacks.components.ingress import Ingress, IngressArgs
from stacks.components.internal_balancer import InternalBalancer, InternalBalancerArgs
from stacks.components.manifest_item import ManifestItem, ManifestItemArgs
from stacks.components.monitoring import Monitoring, MonitoringArgs
from stacks.components.network import Network, NetworkArgs
from stacks.components.operator import Operator, OperatorArgs
from stacks.components.provider import provider
from stacks.components.release_scope import ReleaseScope
from stacks.components.secrets import Secrets, SecretsArgs
from stacks.components.state import State, StateArgs
from stacks.components.storage import Storage, StorageArgs
from stacks.components.telemetry import Telemetry, TelemetryArgs
from stacks.components.web_firewall import WebFirewall, WebFirewallArgs
from stacks.naming import Names

settings = config.load()
names = Names(settings.environment)
opts = pulumi.ResourceOptions(providers={"aws": provider(names, settings.place.region)})

network = Network("network", NetworkArgs(names, settings.place), opts)
firewall = Firewall("firewall", FirewallArgs(names, network.vpc_id, settings.entrance.allowed_source_ranges), opts)
access_lists = AccessLists("access-lists", AccessListsArgs(names, settings, network), opts)
endpoints = Endpoints("endpoints", EndpointsArgs(names, settings.place, network, firewall), opts)

shells = ClusterArgs(names, settings.access.execute_command, settings.observation.log_retention_days)
cluster = Cluster("cluster", shells, opts)
images = Images("images", ImagesArgs(names), opts)
monitoring = Monitoring("monitoring", MonitoringArgs(names, settings.observation.log_retention_days), opts)
telemetry = Telemetry("telemetry", TelemetryArgs(names, settings.place.region), opts)
state = State("state", StateArgs(names), opts)
secrets = Secrets("secrets", SecretsArgs(names, settings.fallback.allowed), opts)
storage = Storage("storage", StorageArgs(names, cluster.arn, settings.observation.log_retention_days), opts)
flow_log = FlowLog("flow-log", FlowLogArgs(names, network, storage), opts)

certificate = Certificate("certificate", CertificateArgs(settings.entrance), opts)
ingress = Ingress("ingress", IngressArgs(names, settings, network, firewall, storage, certificate.arn), opts)
domain = Domain("domain", DomainArgs(settings.entrance, ingress.load_balancer), opts)
web = WebFirewall("web", WebFirewallArgs(names, settings, ingress.load_balancer.arn), opts)
internal = InternalBalancer("internal", InternalBalancerArgs(names, settings, network, firewall, storage), opts)

rights = IdentityArgs(names, cluster, images, monitoring, secrets, telemetry, storage, state)
identity = Identity("identity", rights, opts)
capacity = Capacity("capacity", CapacityArgs(names, settings, network, firewall, cluster, identity, storage), opts)

foundation = Foundation(names, settings, network, firewall, cluster, images, identity, telemetry)
api = Api("api", ApiArgs(foundation, ingress, secrets), opts)
inference = Inference("inference", InferenceArgs(foundation, internal, capacity), opts)
autoscaling = Autoscaling("autoscaling", AutoscalingArgs(names, settings, ingress, api, inference), opts)
gpu_metrics = GpuMetrics("gpu-metrics", GpuMetricsArgs(foundation, capacity), opts)

scope = ReleaseScope(names, cluster, ingress, images, state, secrets, identity, storage)
deployer = Deployer("deployer", DeployerArgs(names, settings.access, scope), opts)
operator = Operator("operator", OperatorArgs(names, settings.access, scope, certificate.arn), opts)

alerts = Alerts("alerts", AlertsArgs(names, settings, cluster, ingress, internal, capacity), opts)
spending = BudgetArgs(
    names, settings.observation.monthly_budget_usd, alerts.topic_arn, settings.observation.alert_emails
)
budget = Budget("budget", spending, opts)

services = [api, inference, autoscaling, gpu_metrics]
everything = [network, firewall, access_lists, endpoints, flow_log, storage, domain, web, monitoring]
everything += [*services, deployer, operator, alerts, budget]
last = pulumi.ResourceOptions.merge(opts, pulumi.ResourceOptions(depends_on=everything))
facts = ManifestItemArgs(settings, cluster, ingress, internal, images, secrets, capacity, state, storage)
manifest = ManifestItem("manifest", facts, last)

pulumi.export("manifest", manifest.body)
pulumi.export("deployerRoleArn", deployer.role_arn)
pulumi.export("operatorRoleArn", operator.role_arn)
pulumi.export("trafficRuleArn", ingress.traffic_rule.arn)
pulumi.export("publicDnsName", ingress.load_balancer.dns_name)
