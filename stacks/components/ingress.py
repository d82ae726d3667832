"""The public door: load balancer, HTTPS listener, the traffic rule and the two preview rules, the API's target groups.

The weights on the traffic rule belong to the release engine from the first release on; Pulumi gives the initial
ones and ignores the whole `actions`. The preview rules belong to Pulumi and are never modified by anybody.
"""

import json
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from stacks.components.firewall import DOOR_PORT, Firewall
from stacks.components.network import Network
from stacks.components.storage import Storage
from stacks.components.target_group import TargetGroupArgs, target_group
from stacks.containers import GATEWAY_PORT
from stacks.naming import Colour, Names, Part
from stacks.schema import Settings

# From the list of the control ELB.17.
TLS_POLICY = "ELBSecurityPolicy-TLS13-1-2-Res-2021-06"
TRAFFIC_PRIORITY = 100
PREVIEW_PRIORITIES = {Colour.BLUE: 10, Colour.GREEN: 11}
INITIAL_WEIGHTS = {Colour.BLUE: 1, Colour.GREEN: 0}
_NOT_FOUND = json.dumps({"error": {"message": "No such path.", "type": "invalid_request_error", "code": "not_found"}})


@dataclass(frozen=True)
class IngressArgs:
    names: Names
    settings: Settings
    network: Network
    firewall: Firewall
    storage: Storage
    certificate_arn: pulumi.Input[str]


class Ingress(pulumi.ComponentResource):
    """The way in. `rules` must exist before a service does, else ECS refuses the target groups."""

    load_balancer: aws.lb.LoadBalancer
    listener: aws.lb.Listener
    target_groups: dict[Colour, aws.lb.TargetGroup]
    traffic_rule: aws.lb.ListenerRule
    preview_rules: dict[Colour, aws.lb.ListenerRule]

    def __init__(self, name: str, args: IngressArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("switchyard:index:Ingress", name, {}, opts)
        self._stem, self._args = name, args
        self._kept = pulumi.ResourceOptions(parent=self, protect=True)
        self.load_balancer = self._load_balancer()
        self.listener = self._listener()
        self.target_groups = {colour: self._target_group(colour) for colour in Colour}
        self.traffic_rule = self._traffic_rule()
        self.preview_rules = {colour: self._preview_rule(colour) for colour in Colour}
        self.register_outputs({"dnsName": self.load_balancer.dns_name, "trafficRuleArn": self.traffic_rule.arn})

    @property
    def rules(self) -> list[pulumi.Resource]:
        return [self.traffic_rule, *self.preview_rules.values()]

    def _load_balancer(self) -> aws.lb.LoadBalancer:
        """Without an answer from the web firewall it lets requests through: each still needs an API key."""
        # Elastic Load Balancing refuses a public load balancer in a VPC that has no internet gateway yet.
        storage, internet = self._args.storage, self._args.network.internet
        return aws.lb.LoadBalancer(
            f"{self._stem}-public",
            name=self._args.names.load_balancer("public"),
            load_balancer_type="application",
            internal=False,
            subnets=self._args.network.public_subnet_ids,
            security_groups=[self._args.firewall.door_id],
            idle_timeout=self._args.settings.times.idle_timeout_seconds,
            drop_invalid_header_fields=True,
            desync_mitigation_mode="defensive",
            enable_deletion_protection=True,
            enable_waf_fail_open=True,
            access_logs=aws.lb.LoadBalancerAccessLogsArgs(bucket=storage.log_bucket_name, enabled=True),
            opts=pulumi.ResourceOptions(parent=self, protect=True, depends_on=[*storage.log_delivery, internet]),
        )

    def _listener(self) -> aws.lb.Listener:
        """Its default action answers what no rule takes; traffic has a rule of its own, which nothing else changes."""
        refusal = aws.lb.ListenerDefaultActionFixedResponseArgs(
            status_code="404", content_type="application/json", message_body=_NOT_FOUND
        )
        return aws.lb.Listener(
            f"{self._stem}-https",
            load_balancer_arn=self.load_balancer.arn,
            port=DOOR_PORT,
            protocol="HTTPS",
            ssl_policy=TLS_POLICY,
            certificate_arn=self._args.certificate_arn,
            default_actions=[aws.lb.ListenerDefaultActionArgs(type="fixed-response", fixed_response=refusal)],
            opts=self._kept,
        )

    def _target_group(self, colour: Colour) -> aws.lb.TargetGroup:
        args = TargetGroupArgs(
            aws_name=self._args.names.slot(Part.API, colour),
            vpc_id=self._args.network.vpc_id,
            port=GATEWAY_PORT,
            health_port=GATEWAY_PORT,
            health=self._args.settings.health.of(Part.API),
            deregistration_delay_seconds=self._args.settings.times.deregistration_delay_seconds,
        )
        return target_group(f"{self._stem}-api-{colour}", args, self)

    def _traffic_rule(self) -> aws.lb.ListenerRule:
        forward = aws.lb.ListenerRuleActionForwardArgs(
            target_groups=[
                aws.lb.ListenerRuleActionForwardTargetGroupArgs(arn=group.arn, weight=INITIAL_WEIGHTS[colour])
                for colour, group in self.target_groups.items()
            ]
        )
        everything = aws.lb.ListenerRuleConditionPathPatternArgs(values=["/*"])
        return aws.lb.ListenerRule(
            f"{self._stem}-traffic",
            listener_arn=self.listener.arn,
            priority=TRAFFIC_PRIORITY,
            actions=[aws.lb.ListenerRuleActionArgs(type="forward", forward=forward)],
            conditions=[aws.lb.ListenerRuleConditionArgs(path_pattern=everything)],
            opts=pulumi.ResourceOptions(parent=self, protect=True, ignore_changes=["actions"]),
        )

    def _preview_rule(self, colour: Colour) -> aws.lb.ListenerRule:
        """Each value of a condition matches, so a token can be replaced while the old one is still taken."""
        tokens = pulumi.Output.secret(list(self._args.settings.entrance.preview_tokens))
        action = aws.lb.ListenerRuleActionArgs(type="forward", target_group_arn=self.target_groups[colour].arn)
        return aws.lb.ListenerRule(
            f"{self._stem}-preview-{colour}",
            listener_arn=self.listener.arn,
            priority=PREVIEW_PRIORITIES[colour],
            actions=[action],
            conditions=[
                _header("x-switchyard-preview", tokens),
                _header("x-switchyard-preview-colour", [colour.value]),
            ],
            opts=self._kept,
        )


def _header(name: str, values: pulumi.Input[list[str]]) -> aws.lb.ListenerRuleConditionArgs:
    header = aws.lb.ListenerRuleConditionHttpHeaderArgs(http_header_name=name, values=values)
    return aws.lb.ListenerRuleConditionArgs(http_header=header)
