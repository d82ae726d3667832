"""The host name that clients use, where the kit may write it: an alias to the public load balancer."""

from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from stacks.schema import Entrance


@dataclass(frozen=True)
class DomainArgs:
    entrance: Entrance
    load_balancer: aws.lb.LoadBalancer


class Domain(pulumi.ComponentResource):
    """Without a zone nothing is made: the owner points the name at the load balancer (output `publicDnsName`)."""

    def __init__(self, name: str, args: DomainArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("switchyard:index:Domain", name, {}, opts)
        self._stem, self._args = name, args
        if args.entrance.hosted_zone_id:
            self._alias(args.entrance.hosted_zone_id)
        self.register_outputs({"name": args.entrance.domain_name})

    def _alias(self, zone_id: str) -> None:
        """IPv4 only, as the load balancer is. Its health is not asked: a name with one answer has nothing to choose."""
        balancer = self._args.load_balancer
        target = aws.route53.RecordAliasArgs(
            name=balancer.dns_name, zone_id=balancer.zone_id, evaluate_target_health=False
        )
        aws.route53.Record(
            f"{self._stem}-alias",
            zone_id=zone_id,
            name=self._args.entrance.domain_name,
            type="A",
            aliases=[target],
            opts=pulumi.ResourceOptions(parent=self),
        )
