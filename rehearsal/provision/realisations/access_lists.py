"""Network access lists, the VPC's own among them."""

from typing import Any

from rehearsal.provision.realisations.network import arn, tagged
from rehearsal.provision.registry import Declared, Realised, Registry

REGISTRY = Registry()
# EC2 takes numbers only (IANA's), the provider takes names.
_PROTOCOLS = {"tcp": "6", "icmp": "1", "-1": "-1"}
# The rule that closes every list: it is AWS's and cannot be removed.
_LAST_RULE = 32767


@REGISTRY.realises("aws:ec2/networkAcl:NetworkAcl")
def network_acl(declared: Declared) -> Realised:
    """Rules first, subnets after, as the provider does it."""
    ec2 = declared.aws("ec2")
    made = ec2.create_network_acl(VpcId=declared.inputs["vpcId"], TagSpecifications=tagged(declared, "network-acl"))[
        "NetworkAcl"
    ]
    identifier = made["NetworkAclId"]
    for direction in ("ingress", "egress"):
        for rule in declared.inputs[direction]:
            ec2.create_network_acl_entry(NetworkAclId=identifier, Egress=direction == "egress", **_entry(rule))
    for subnet_id in declared.inputs["subnetIds"]:
        _move(ec2, subnet_id, identifier)
    return Realised(identifier, _outputs(declared, made))


@REGISTRY.realises("aws:ec2/defaultNetworkAcl:DefaultNetworkAcl")
def default_network_acl(declared: Declared) -> Realised:
    """Adopted, not made: whatever rules it has and the program does not name are removed."""
    ec2, identifier = declared.aws("ec2"), declared.inputs["defaultNetworkAclId"]
    (found,) = ec2.describe_network_acls(NetworkAclIds=[identifier])["NetworkAcls"]
    for entry in found["Entries"]:
        if entry["RuleNumber"] != _LAST_RULE:
            ec2.delete_network_acl_entry(
                NetworkAclId=identifier, RuleNumber=entry["RuleNumber"], Egress=entry["Egress"]
            )
    ec2.create_tags(Resources=[identifier], Tags=declared.tag_list())
    return Realised(identifier, {**_outputs(declared, found), "vpcId": found["VpcId"]})


def _entry(rule: dict[str, Any]) -> dict[str, Any]:
    entry: dict[str, Any] = {
        "RuleNumber": rule["ruleNo"],
        "Protocol": _PROTOCOLS[rule["protocol"]],
        "RuleAction": rule["action"],
        "CidrBlock": rule["cidrBlock"],
    }
    if rule["protocol"] == "tcp":
        entry["PortRange"] = {"From": rule["fromPort"], "To": rule["toPort"]}
    if rule["protocol"] == "icmp":
        entry["IcmpTypeCode"] = {"Type": rule["icmpType"], "Code": rule["icmpCode"]}
    return entry


def _move(ec2: Any, subnet_id: str, to: str) -> None:
    where = [{"Name": "association.subnet-id", "Values": [subnet_id]}]
    (found,) = ec2.describe_network_acls(Filters=where)["NetworkAcls"]
    (present,) = [one for one in found["Associations"] if one["SubnetId"] == subnet_id]
    ec2.replace_network_acl_association(AssociationId=present["NetworkAclAssociationId"], NetworkAclId=to)


def _outputs(declared: Declared, found: dict[str, Any]) -> dict[str, Any]:
    return {
        "arn": arn(declared, found["OwnerId"], f"network-acl/{found['NetworkAclId']}"),
        "ownerId": found["OwnerId"],
    }
