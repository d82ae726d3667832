"""The network access lists: one for the public subnets, one for the private ones, none of the VPC's own in use.

What they let in is in `stacks/access_rules.py`; both let everything out. The VPC's default list, which lets everything
in, is adopted and emptied: a subnet that somebody adds by hand is closed until it gets a list.
"""

from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from stacks.access_rules import ANYWHERE, AccessRule, private_rules, public_rules
from stacks.components.firewall import DOOR_PORT
from stacks.components.network import Network
from stacks.naming import Names
from stacks.schema import Settings


@dataclass(frozen=True)
class AccessListsArgs:
    names: Names
    settings: Settings
    network: Network


class AccessLists(pulumi.ComponentResource):
    """Every subnet is in one of the two lists."""

    def __init__(self, name: str, args: AccessListsArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("switchyard:index:AccessLists", name, {}, opts)
        self._stem, self._args = name, args
        network, cidr = args.network, args.settings.place.cidr
        public = public_rules(cidr, args.settings.entrance.allowed_source_ranges, DOOR_PORT)
        lists = [
            self._list("public", network.public_subnet_ids, public),
            self._list("private", network.private_subnet_ids, private_rules(cidr)),
        ]
        self._empty_default(lists)
        self.register_outputs({"ids": [made.id for made in lists]})

    def _list(
        self, kind: str, subnet_ids: list[pulumi.Output[str]], rules: tuple[AccessRule, ...]
    ) -> aws.ec2.NetworkAcl:
        """Rules and subnets in one resource: the rules stand before the first subnet moves in."""
        return aws.ec2.NetworkAcl(
            f"{self._stem}-{kind}",
            vpc_id=self._args.network.vpc_id,
            subnet_ids=subnet_ids,
            ingress=[_ingress(rule) for rule in rules],
            egress=[_everything_out()],
            tags={"Name": f"{self._args.names.prefix}-{kind}"},
            opts=pulumi.ResourceOptions(parent=self),
        )

    def _empty_default(self, after: list[aws.ec2.NetworkAcl]) -> None:
        """After both lists: until then the new subnets lie on it."""
        aws.ec2.DefaultNetworkAcl(
            f"{self._stem}-default",
            default_network_acl_id=self._args.network.default_network_acl_id,
            tags={"Name": f"{self._args.names.prefix}-default-closed"},
            opts=pulumi.ResourceOptions(parent=self, depends_on=after),
        )


def _ingress(rule: AccessRule) -> aws.ec2.NetworkAclIngressArgs:
    message = rule.message or (None, None)
    return aws.ec2.NetworkAclIngressArgs(
        rule_no=rule.number,
        action="allow",
        protocol=rule.protocol,
        cidr_block=rule.source,
        from_port=rule.ports[0],
        to_port=rule.ports[1],
        icmp_type=message[0],
        icmp_code=message[1],
    )


def _everything_out() -> aws.ec2.NetworkAclEgressArgs:
    return aws.ec2.NetworkAclEgressArgs(
        rule_no=100, action="allow", protocol="-1", cidr_block=ANYWHERE, from_port=0, to_port=0
    )
