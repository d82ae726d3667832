"""Endpoints inside the network to AWS's own services."""

from rehearsal.provision.realisations.network import arn, tagged
from rehearsal.provision.registry import Declared, Realised, Registry

REGISTRY = Registry()


@REGISTRY.realises("aws:ec2/vpcEndpoint:VpcEndpoint")
def vpc_endpoint(declared: Declared) -> Realised:
    wanted = declared.given(
        "vpcId", "serviceName", "vpcEndpointType", "routeTableIds", "subnetIds", "privateDnsEnabled"
    )
    groups = declared.given("securityGroupIds")
    made = declared.aws("ec2").create_vpc_endpoint(
        **wanted, **groups, TagSpecifications=tagged(declared, "vpc-endpoint")
    )["VpcEndpoint"]
    identifier, owner = made["VpcEndpointId"], made["OwnerId"]
    answered = {
        "arn": arn(declared, owner, f"vpc-endpoint/{identifier}"),
        "ownerId": owner,
        "state": made["State"],
        "networkInterfaceIds": made.get("NetworkInterfaceIds", []),
        "serviceRegion": declared.aws.region,
    }
    silent = declared.promised() - {*answered, *declared.inputs, "region", "tagsAll"}
    return Realised(identifier, {**declared.empty(*silent), **answered})
