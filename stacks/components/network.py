"""The network: public subnets for the load balancer, private ones for every task and host, a way out.

Nothing here gives an address to an instance. Who may talk to whom is in `firewall.py`, what a subnet lets in is in
`access_lists.py`, and what does not leave through a NAT gateway at all is in `endpoints.py`.
"""

from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from stacks.access_rules import ANYWHERE
from stacks.addressing import ZonePlan, plan
from stacks.naming import Names
from stacks.schema import NatGateways, Place


@dataclass(frozen=True)
class NetworkArgs:
    names: Names
    place: Place


class Network(pulumi.ComponentResource):
    """One VPC over the zones of the settings."""

    vpc_id: pulumi.Output[str]
    public_subnet_ids: list[pulumi.Output[str]]
    private_subnet_ids: list[pulumi.Output[str]]
    private_route_table_ids: list[pulumi.Output[str]]
    default_network_acl_id: pulumi.Output[str]

    def __init__(self, name: str, args: NetworkArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("switchyard:index:Network", name, {}, opts)
        self._stem = name
        self._child = pulumi.ResourceOptions(parent=self)
        self._vpc = aws.ec2.Vpc(
            f"{name}-vpc",
            cidr_block=args.place.cidr,
            enable_dns_hostnames=True,
            enable_dns_support=True,
            tags={"Name": args.names.prefix},
            opts=self._child,
        )
        self.vpc_id, self.default_network_acl_id = self._vpc.id, self._vpc.default_network_acl_id
        zones = plan(args.place.cidr, args.place.zones)
        public = [self._subnet("public", zone.zone, zone.public_cidr) for zone in zones]
        private = [self._subnet("private", zone.zone, zone.private_cidr) for zone in zones]
        self.internet = self._open(zones, public)
        self.private_route_table_ids = self._way_out(args.place.nat_gateways, zones, public, private, self.internet)
        self.public_subnet_ids = [subnet.id for subnet in public]
        self.private_subnet_ids = [subnet.id for subnet in private]
        self.register_outputs({"vpcId": self.vpc_id, "privateSubnetIds": self.private_subnet_ids})

    def _subnet(self, kind: str, zone: str, cidr: str) -> aws.ec2.Subnet:
        return aws.ec2.Subnet(
            f"{self._stem}-{kind}-{zone[-1]}",
            vpc_id=self.vpc_id,
            availability_zone=zone,
            cidr_block=cidr,
            map_public_ip_on_launch=False,
            tags={"Name": f"{kind}-{zone}"},
            opts=self._child,
        )

    def _open(self, zones: tuple[ZonePlan, ...], public: list[aws.ec2.Subnet]) -> aws.ec2.Route:
        gateway = aws.ec2.InternetGateway(f"{self._stem}-internet", vpc_id=self.vpc_id, opts=self._child)
        table = self._route_table("public")
        for zone, subnet in zip(zones, public, strict=True):
            self._associate("public", zone, subnet, table)
        return self._route("public", table, gateway_id=gateway.id)

    def _way_out(
        self,
        gateways: NatGateways,
        zones: tuple[ZonePlan, ...],
        public: list[aws.ec2.Subnet],
        private: list[aws.ec2.Subnet],
        internet: aws.ec2.Route,
    ) -> list[pulumi.Output[str]]:
        """One route table a zone, so that going from one gateway to one per zone moves only routes."""
        count = len(zones) if gateways is NatGateways.PER_ZONE else 1
        nats = [self._nat(zone, subnet, internet) for zone, subnet in list(zip(zones, public, strict=True))[:count]]
        tables = []
        for index, (zone, subnet) in enumerate(zip(zones, private, strict=True)):
            kind = f"private-{zone.zone[-1]}"
            table = self._route_table(kind)
            self._associate("private", zone, subnet, table)
            self._route(kind, table, nat_gateway_id=nats[min(index, count - 1)].id)
            tables.append(table.id)
        return tables

    def _nat(self, zone: ZonePlan, subnet: aws.ec2.Subnet, internet: aws.ec2.Route) -> aws.ec2.NatGateway:
        name = f"{self._stem}-nat-{zone.zone[-1]}"
        address = aws.ec2.Eip(f"{name}-address", domain="vpc", opts=self._child)
        opts = pulumi.ResourceOptions(parent=self, depends_on=[internet])
        return aws.ec2.NatGateway(name, allocation_id=address.id, subnet_id=subnet.id, opts=opts)

    def _route_table(self, kind: str) -> aws.ec2.RouteTable:
        return aws.ec2.RouteTable(
            f"{self._stem}-{kind}-routes", vpc_id=self.vpc_id, tags={"Name": kind}, opts=self._child
        )

    def _associate(self, kind: str, zone: ZonePlan, subnet: aws.ec2.Subnet, table: aws.ec2.RouteTable) -> None:
        aws.ec2.RouteTableAssociation(
            f"{self._stem}-{kind}-{zone.zone[-1]}-routes",
            subnet_id=subnet.id,
            route_table_id=table.id,
            opts=self._child,
        )

    def _route(self, kind: str, table: aws.ec2.RouteTable, **target: pulumi.Input[str]) -> aws.ec2.Route:
        return aws.ec2.Route(
            f"{self._stem}-{kind}-default",
            route_table_id=table.id,
            destination_cidr_block=ANYWHERE,
            opts=self._child,
            **target,
        )
