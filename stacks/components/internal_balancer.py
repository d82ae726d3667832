"""The way from the gateway to vLLM: an internal load balancer with one listener port for each vLLM colour.

A gateway task carries the port it calls in its environment, so nothing here changes when a release does.
"""

from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from stacks.components.firewall import COLOUR_PORTS, Firewall
from stacks.components.network import Network
from stacks.components.storage import Storage
from stacks.components.target_group import TargetGroupArgs, target_group
from stacks.containers import VLLM_PORT, VLLM_READY_PORT
from stacks.naming import Colour, Names, Part
from stacks.schema import Settings


@dataclass(frozen=True)
class InternalBalancerArgs:
    names: Names
    settings: Settings
    network: Network
    firewall: Firewall
    storage: Storage


class InternalBalancer(pulumi.ComponentResource):
    """`listeners` must exist before a vLLM service does, else ECS refuses the target groups."""

    load_balancer: aws.lb.LoadBalancer
    target_groups: dict[Colour, aws.lb.TargetGroup]
    listeners: dict[Colour, aws.lb.Listener]
    urls: dict[Colour, pulumi.Output[str]]

    def __init__(self, name: str, args: InternalBalancerArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("switchyard:index:InternalBalancer", name, {}, opts)
        self._stem, self._args = name, args
        self._kept = pulumi.ResourceOptions(parent=self, protect=True)
        self.load_balancer = self._make_load_balancer()
        self.target_groups = {colour: self._target_group(colour) for colour in Colour}
        self.listeners = {colour: self._listener(colour) for colour in Colour}
        self.urls = {colour: self._url(colour) for colour in Colour}
        self.register_outputs({"blueUrl": self.urls[Colour.BLUE], "greenUrl": self.urls[Colour.GREEN]})

    def _make_load_balancer(self) -> aws.lb.LoadBalancer:
        """Its access log tells which host answered each request of the gateway, its retries among them."""
        storage = self._args.storage
        return aws.lb.LoadBalancer(
            f"{self._stem}-balancer",
            name=self._args.names.load_balancer("internal"),
            load_balancer_type="application",
            internal=True,
            subnets=self._args.network.private_subnet_ids,
            security_groups=[self._args.firewall.internal_id],
            idle_timeout=self._args.settings.times.idle_timeout_seconds,
            drop_invalid_header_fields=True,
            desync_mitigation_mode="defensive",
            enable_deletion_protection=True,
            access_logs=aws.lb.LoadBalancerAccessLogsArgs(bucket=storage.log_bucket_name, enabled=True),
            opts=pulumi.ResourceOptions(parent=self, protect=True, depends_on=storage.log_delivery),
        )

    def _target_group(self, colour: Colour) -> aws.lb.TargetGroup:
        """Least outstanding requests: generations differ in length, so counting them in turn piles them up."""
        args = TargetGroupArgs(
            aws_name=self._args.names.slot(Part.VLLM, colour),
            vpc_id=self._args.network.vpc_id,
            port=VLLM_PORT,
            health_port=VLLM_READY_PORT,
            health=self._args.settings.health.of(Part.VLLM),
            deregistration_delay_seconds=self._args.settings.times.deregistration_delay_seconds,
            algorithm="least_outstanding_requests",
        )
        return target_group(f"{self._stem}-vllm-{colour}", args, self)

    def _listener(self, colour: Colour) -> aws.lb.Listener:
        action = aws.lb.ListenerDefaultActionArgs(type="forward", target_group_arn=self.target_groups[colour].arn)
        return aws.lb.Listener(
            f"{self._stem}-{colour}",
            load_balancer_arn=self.load_balancer.arn,
            port=COLOUR_PORTS[colour],
            protocol="HTTP",
            default_actions=[action],
            opts=self._kept,
        )

    def _url(self, colour: Colour) -> pulumi.Output[str]:
        return pulumi.Output.concat("http://", self.load_balancer.dns_name, f":{COLOUR_PORTS[colour]}")
