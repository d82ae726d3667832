"""Who may talk to whom: one security group a role, chained by reference, nothing open but the public door.

clients → door → api → internal → vllm. Hosts accept nothing. Tasks and hosts reach AWS's services through `endpoints`.
The VPC's default group, which lets its members talk to each other, is adopted and emptied: nothing is in it.
"""

from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from stacks.access_rules import ANYWHERE, TOO_BIG
from stacks.containers import GATEWAY_PORT, VLLM_PORT, VLLM_READY_PORT
from stacks.naming import Colour, Names

DOOR_PORT = 443
COLOUR_PORTS = {Colour.BLUE: 8001, Colour.GREEN: 8002}


@dataclass(frozen=True)
class FirewallArgs:
    names: Names
    vpc_id: pulumi.Input[str]
    allowed_source_ranges: tuple[str, ...]


class Firewall(pulumi.ComponentResource):
    """The security groups, by role."""

    door_id: pulumi.Output[str]
    api_id: pulumi.Output[str]
    internal_id: pulumi.Output[str]
    vllm_id: pulumi.Output[str]
    host_id: pulumi.Output[str]
    endpoints_id: pulumi.Output[str]

    def __init__(self, name: str, args: FirewallArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("switchyard:index:Firewall", name, {}, opts)
        self._stem, self._args = name, args
        self._child = pulumi.ResourceOptions(parent=self)
        self.door_id = self._group("door", "the public load balancer")
        self.api_id = self._group("api", "gateway tasks")
        self.internal_id = self._group("internal", "the internal load balancer")
        self.vllm_id = self._group("vllm", "inference tasks")
        self.host_id = self._group("host", "GPU hosts")
        self.endpoints_id = self._group("endpoints", "the ways to AWS's services inside the network")
        self._empty_default()
        self._let_clients_in()
        self._let_icmp_in()
        self._chain()
        for role, group in (("api", self.api_id), ("vllm", self.vllm_id), ("host", self.host_id)):
            self._leave(role, group)
            self._enter("endpoints", self.endpoints_id, role, group, DOOR_PORT)
        self.register_outputs({"doorId": self.door_id, "apiId": self.api_id, "vllmId": self.vllm_id})

    def _group(self, role: str, what: str) -> pulumi.Output[str]:
        made = aws.ec2.SecurityGroup(
            f"{self._stem}-{role}",
            name=self._args.names.security_group(role),
            description=f"Switchyard: {what}",
            vpc_id=self._args.vpc_id,
            opts=self._child,
        )
        identifier: pulumi.Output[str] = made.id
        return identifier

    def _empty_default(self) -> None:
        aws.ec2.DefaultSecurityGroup(f"{self._stem}-default", vpc_id=self._args.vpc_id, opts=self._child)

    def _let_clients_in(self) -> None:
        """Named after the range: by its place in the list, a rule would move to a range that the next one still has."""
        for cidr in self._args.allowed_source_ranges:
            aws.vpc.SecurityGroupIngressRule(
                f"{self._stem}-door-from-{cidr.replace('/', '-')}",
                security_group_id=self.door_id,
                description="clients",
                cidr_ipv4=cidr,
                ip_protocol="tcp",
                from_port=DOOR_PORT,
                to_port=DOOR_PORT,
                opts=self._child,
            )

    def _let_icmp_in(self) -> None:
        """Any router on a client's way may say that a packet is too big (Elastic Load Balancing user guide, "Security
        groups for your Application Load Balancer"). For ICMP the ports are the message's type and code."""
        aws.vpc.SecurityGroupIngressRule(
            f"{self._stem}-door-too-big",
            security_group_id=self.door_id,
            description="fragmentation needed",
            cidr_ipv4=ANYWHERE,
            ip_protocol="icmp",
            from_port=TOO_BIG[0],
            to_port=TOO_BIG[1],
            opts=self._child,
        )

    def _chain(self) -> None:
        self._allow("door", self.door_id, "api", self.api_id, GATEWAY_PORT)
        for port in COLOUR_PORTS.values():
            self._allow("api", self.api_id, "internal", self.internal_id, port)
        for port in (VLLM_PORT, VLLM_READY_PORT):
            self._allow("internal", self.internal_id, "vllm", self.vllm_id, port)

    def _allow(
        self, source: str, source_id: pulumi.Output[str], target: str, target_id: pulumi.Output[str], port: int
    ) -> None:
        """Both ends of one arrow: out of the source's group and into the target's."""
        aws.vpc.SecurityGroupEgressRule(
            f"{self._stem}-{source}-to-{target}-{port}",
            security_group_id=source_id,
            referenced_security_group_id=target_id,
            ip_protocol="tcp",
            from_port=port,
            to_port=port,
            opts=self._child,
        )
        self._enter(target, target_id, source, source_id, port)

    def _enter(
        self, target: str, target_id: pulumi.Output[str], source: str, source_id: pulumi.Output[str], port: int
    ) -> None:
        aws.vpc.SecurityGroupIngressRule(
            f"{self._stem}-{target}-from-{source}-{port}",
            security_group_id=target_id,
            referenced_security_group_id=source_id,
            ip_protocol="tcp",
            from_port=port,
            to_port=port,
            opts=self._child,
        )

    def _leave(self, role: str, group: pulumi.Output[str]) -> None:
        aws.vpc.SecurityGroupEgressRule(
            f"{self._stem}-{role}-out",
            security_group_id=group,
            description="AWS's own endpoints, image layers, models, the fallback",
            cidr_ipv4=ANYWHERE,
            ip_protocol="tcp",
            from_port=DOOR_PORT,
            to_port=DOOR_PORT,
            opts=self._child,
        )
