"""The ways to AWS's own services that do not leave the network: S3 and DynamoDB always, others as the settings list.

No endpoint has a policy of its own: who may do what is said by the roles. A policy on the way to S3 would also have to
name buckets of AWS's own that this network cannot do without: ECR's image layers and Amazon Linux's packages.
"""

from dataclasses import dataclass
from typing import Any

import pulumi
import pulumi_aws as aws

from stacks.components.firewall import Firewall
from stacks.components.network import Network
from stacks.naming import Names
from stacks.schema import Place

_FREE = ("s3", "dynamodb")


@dataclass(frozen=True)
class EndpointsArgs:
    names: Names
    place: Place
    network: Network
    firewall: Firewall


class Endpoints(pulumi.ComponentResource):
    """A gateway costs nothing; an interface costs by the hour in each zone."""

    def __init__(self, name: str, args: EndpointsArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("switchyard:index:Endpoints", name, {}, opts)
        self._stem, self._args = name, args
        for service in _FREE:
            self._endpoint(service, "Gateway", route_table_ids=args.network.private_route_table_ids)
        for service in args.place.interface_endpoints:
            self._endpoint(
                service,
                "Interface",
                subnet_ids=args.network.private_subnet_ids,
                security_group_ids=[args.firewall.endpoints_id],
                private_dns_enabled=True,
            )
        self.register_outputs({})

    def _endpoint(self, service: str, kind: str, **how: Any) -> None:
        aws.ec2.VpcEndpoint(
            f"{self._stem}-{service.replace('.', '-')}",
            vpc_id=self._args.network.vpc_id,
            service_name=f"com.amazonaws.{self._args.place.region}.{service}",
            vpc_endpoint_type=kind,
            tags={"Name": f"{self._args.names.prefix}-{service}"},
            opts=pulumi.ResourceOptions(parent=self),
            **how,
        )
