"""VPC, subnets, gateways and routes."""

from typing import Any

from rehearsal.provision.registry import Declared, Realised, Registry

REGISTRY = Registry()


@REGISTRY.realises("aws:ec2/vpc:Vpc")
def vpc(declared: Declared) -> Realised:
    ec2 = declared.aws("ec2")
    made = ec2.create_vpc(CidrBlock=declared.inputs["cidrBlock"], TagSpecifications=tagged(declared, "vpc"))["Vpc"]
    identifier = made["VpcId"]
    for attribute in ("enableDnsSupport", "enableDnsHostnames"):
        value = {"Value": bool(declared.inputs.get(attribute))}
        ec2.modify_vpc_attribute(VpcId=identifier, **{attribute[0].upper() + attribute[1:]: value})
    inside = [{"Name": "vpc-id", "Values": [identifier]}]
    table = ec2.describe_route_tables(Filters=inside)["RouteTables"][0]["RouteTableId"]
    outputs = {
        "arn": arn(declared, made["OwnerId"], f"vpc/{identifier}"),
        "ownerId": made["OwnerId"],
        "dhcpOptionsId": made["DhcpOptionsId"],
        "mainRouteTableId": table,
        "defaultRouteTableId": table,
        "defaultNetworkAclId": ec2.describe_network_acls(Filters=inside)["NetworkAcls"][0]["NetworkAclId"],
        "defaultSecurityGroupId": ec2.describe_security_groups(Filters=inside)["SecurityGroups"][0]["GroupId"],
        **declared.empty(
            "enableNetworkAddressUsageMetrics", "ipv6AssociationId", "ipv6CidrBlock", "ipv6CidrBlockNetworkBorderGroup"
        ),
    }
    return Realised(identifier, outputs)


@REGISTRY.realises("aws:ec2/subnet:Subnet")
def subnet(declared: Declared) -> Realised:
    ec2 = declared.aws("ec2")
    wanted = declared.given("vpcId", "cidrBlock", "availabilityZone")
    made = ec2.create_subnet(**wanted, TagSpecifications=tagged(declared, "subnet"))["Subnet"]
    public = {"Value": bool(declared.inputs.get("mapPublicIpOnLaunch"))}
    ec2.modify_subnet_attribute(SubnetId=made["SubnetId"], MapPublicIpOnLaunch=public)
    outputs = {
        "arn": made["SubnetArn"],
        "ownerId": made["OwnerId"],
        "availabilityZoneId": made["AvailabilityZoneId"],
        "privateDnsHostnameTypeOnLaunch": "ip-name",
        **declared.empty("ipv6CidrBlock", "ipv6CidrBlockAssociationId"),
    }
    return Realised(made["SubnetId"], outputs)


@REGISTRY.realises("aws:ec2/internetGateway:InternetGateway")
def internet_gateway(declared: Declared) -> Realised:
    ec2 = declared.aws("ec2")
    made = ec2.create_internet_gateway(TagSpecifications=tagged(declared, "internet-gateway"))["InternetGateway"]
    identifier = made["InternetGatewayId"]
    ec2.attach_internet_gateway(InternetGatewayId=identifier, VpcId=declared.inputs["vpcId"])
    owner = made["OwnerId"]
    return Realised(identifier, {"arn": arn(declared, owner, f"internet-gateway/{identifier}"), "ownerId": owner})


@REGISTRY.realises("aws:ec2/eip:Eip")
def address(declared: Declared) -> Realised:
    made = declared.aws("ec2").allocate_address(
        Domain=declared.inputs["domain"], TagSpecifications=tagged(declared, "elastic-ip")
    )
    identifier = made["AllocationId"]
    outputs = {
        "allocationId": identifier,
        "arn": arn(declared, owner(declared), f"elastic-ip/{identifier}"),
        "publicIp": made["PublicIp"],
        "publicIpv4Pool": made.get("PublicIpv4Pool", "amazon"),
        "networkBorderGroup": made.get("NetworkBorderGroup", declared.aws.region),
        **declared.empty("associationId", "carrierIp", "customerOwnedIp", "instance", "ipamPoolId", "networkInterface"),
        **declared.empty("privateDns", "privateIp", "ptrRecord", "publicDns"),
    }
    return Realised(identifier, outputs)


@REGISTRY.realises("aws:ec2/natGateway:NatGateway")
def nat_gateway(declared: Declared) -> Realised:
    made = declared.aws("ec2").create_nat_gateway(
        **declared.given("subnetId", "allocationId"), TagSpecifications=tagged(declared, "natgateway")
    )["NatGateway"]
    own = made["NatGatewayAddresses"][0]
    outputs = {
        "vpcId": made["VpcId"],
        "networkInterfaceId": own.get("NetworkInterfaceId", ""),
        "privateIp": own.get("PrivateIp", ""),
        "publicIp": own.get("PublicIp", ""),
        "availabilityMode": "zonal",
        **declared.empty("associationId", "autoProvisionZones", "autoScalingIps", "regionalNatGatewayAddresses"),
        **declared.empty("regionalNatGatewayAutoMode", "routeTableId", "secondaryAllocationIds"),
        **declared.empty("secondaryPrivateIpAddressCount", "secondaryPrivateIpAddresses"),
    }
    return Realised(made["NatGatewayId"], outputs)


@REGISTRY.realises("aws:ec2/routeTable:RouteTable")
def route_table(declared: Declared) -> Realised:
    made = declared.aws("ec2").create_route_table(
        VpcId=declared.inputs["vpcId"], TagSpecifications=tagged(declared, "route-table")
    )["RouteTable"]
    identifier = made["RouteTableId"]
    outputs = {
        "arn": arn(declared, made["OwnerId"], f"route-table/{identifier}"),
        "ownerId": made["OwnerId"],
        **declared.empty("propagatingVgws", "routes"),
    }
    return Realised(identifier, outputs)


@REGISTRY.realises("aws:ec2/route:Route")
def route(declared: Declared) -> Realised:
    wanted = declared.given("routeTableId", "destinationCidrBlock", "gatewayId", "natGatewayId")
    declared.aws("ec2").create_route(**wanted)
    outputs = {
        "origin": "CreateRoute",
        "state": "active",
        **declared.empty("instanceId", "instanceOwnerId", "networkInterfaceId"),
    }
    return Realised(f"r-{wanted['RouteTableId']}-{wanted['DestinationCidrBlock']}", outputs)


@REGISTRY.realises("aws:ec2/routeTableAssociation:RouteTableAssociation")
def route_table_association(declared: Declared) -> Realised:
    made = declared.aws("ec2").associate_route_table(**declared.given("routeTableId", "subnetId"))
    return Realised(made["AssociationId"], {})


def tagged(declared: Declared, kind: str) -> list[dict[str, Any]]:
    """EC2's way of tagging what it makes; it refuses an empty list."""
    return [{"ResourceType": kind, "Tags": declared.tag_list()}] if declared.tags else []


def arn(declared: Declared, account_id: str, resource: str) -> str:
    return f"arn:aws:ec2:{declared.aws.region}:{account_id}:{resource}"


def owner(declared: Declared) -> str:
    """The account, where EC2's answer does not name it."""
    return str(declared.aws("sts").get_caller_identity()["Account"])
