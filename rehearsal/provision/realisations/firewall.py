"""Security groups and their rules."""

from collections.abc import Callable
from typing import Any

from rehearsal.provision.realisations.network import arn, owner, tagged
from rehearsal.provision.registry import Declared, Realised, Registry

REGISTRY = Registry()


@REGISTRY.realises("aws:ec2/securityGroup:SecurityGroup")
def security_group(declared: Declared) -> Realised:
    """AWS opens every new group's way out; the provider closes it, and so does this."""
    ec2 = declared.aws("ec2")
    identifier = ec2.create_security_group(
        GroupName=declared.inputs["name"],
        **declared.given("description", "vpcId"),
        TagSpecifications=tagged(declared, "security-group"),
    )["GroupId"]
    everything = [{"IpProtocol": "-1", "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}]
    ec2.revoke_security_group_egress(GroupId=identifier, IpPermissions=everything)
    account_id = owner(declared)
    outputs = {
        "arn": arn(declared, account_id, f"security-group/{identifier}"),
        "ownerId": account_id,
        **declared.empty("egress", "ingress", "namePrefix"),
    }
    return Realised(identifier, outputs)


@REGISTRY.realises("aws:ec2/defaultSecurityGroup:DefaultSecurityGroup")
def default_security_group(declared: Declared) -> Realised:
    """Adopted, not made: every rule that it has is removed."""
    ec2 = declared.aws("ec2")
    own = [{"Name": "vpc-id", "Values": [declared.inputs["vpcId"]]}, {"Name": "group-name", "Values": ["default"]}]
    (found,) = ec2.describe_security_groups(Filters=own)["SecurityGroups"]
    identifier = found["GroupId"]
    if found["IpPermissions"]:
        ec2.revoke_security_group_ingress(GroupId=identifier, IpPermissions=found["IpPermissions"])
    if found["IpPermissionsEgress"]:
        ec2.revoke_security_group_egress(GroupId=identifier, IpPermissions=found["IpPermissionsEgress"])
    ec2.create_tags(Resources=[identifier], Tags=declared.tag_list())
    outputs = {
        "arn": arn(declared, found["OwnerId"], f"security-group/{identifier}"),
        "ownerId": found["OwnerId"],
        "name": found["GroupName"],
        "description": found["Description"],
        **declared.empty("egress", "ingress", "namePrefix"),
    }
    return Realised(identifier, outputs)


@REGISTRY.realises("aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule")
def ingress_rule(declared: Declared) -> Realised:
    return _rule(declared, declared.aws("ec2").authorize_security_group_ingress)


@REGISTRY.realises("aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule")
def egress_rule(declared: Declared) -> Realised:
    return _rule(declared, declared.aws("ec2").authorize_security_group_egress)


def _rule(declared: Declared, authorize: Callable[..., Any]) -> Realised:
    made = authorize(
        GroupId=declared.inputs["securityGroupId"],
        IpPermissions=[_permission(declared)],
        TagSpecifications=tagged(declared, "security-group-rule"),
    )["SecurityGroupRules"][0]
    identifier = made["SecurityGroupRuleId"]
    account_id = made.get("GroupOwnerId") or owner(declared)
    outputs = {
        "arn": arn(declared, account_id, f"security-group-rule/{identifier}"),
        "securityGroupRuleId": identifier,
    }
    return Realised(identifier, outputs)


def _permission(declared: Declared) -> dict[str, Any]:
    permission = declared.given("ipProtocol", "fromPort", "toPort")
    about = declared.given("description")
    if "cidrIpv4" in declared.inputs:
        permission["IpRanges"] = [{"CidrIp": declared.inputs["cidrIpv4"], **about}]
    if "referencedSecurityGroupId" in declared.inputs:
        permission["UserIdGroupPairs"] = [{"GroupId": declared.inputs["referencedSecurityGroupId"], **about}]
    return permission
