"""Roles, their policies and the hosts' instance profile."""

from typing import Any

from rehearsal.provision.registry import Declared, Realised, Registry

REGISTRY = Registry()


@REGISTRY.realises("aws:iam/role:Role")
def role(declared: Declared) -> Realised:
    inputs = declared.inputs
    made = declared.aws("iam").create_role(
        RoleName=inputs["name"],
        AssumeRolePolicyDocument=inputs["assumeRolePolicy"],
        **declared.given("description", "maxSessionDuration"),
        Tags=declared.tag_list(),
    )["Role"]
    outputs = {
        **_identity(made, "RoleId"),
        **declared.empty("inlinePolicies", "managedPolicyArns", "namePrefix"),
    }
    return Realised(inputs["name"], outputs)


@REGISTRY.realises("aws:iam/rolePolicy:RolePolicy")
def role_policy(declared: Declared) -> Realised:
    inputs = declared.inputs
    declared.aws("iam").put_role_policy(
        RoleName=inputs["role"], PolicyName=inputs["name"], PolicyDocument=inputs["policy"]
    )
    return Realised(f"{inputs['role']}:{inputs['name']}", declared.empty("namePrefix"))


@REGISTRY.realises("aws:iam/instanceProfile:InstanceProfile")
def instance_profile(declared: Declared) -> Realised:
    iam, name = declared.aws("iam"), declared.inputs["name"]
    made = iam.create_instance_profile(InstanceProfileName=name, Tags=declared.tag_list())["InstanceProfile"]
    iam.add_role_to_instance_profile(InstanceProfileName=name, RoleName=declared.inputs["role"])
    return Realised(name, {**_identity(made, "InstanceProfileId"), **declared.empty("namePrefix")})


def _identity(made: Any, identifier: str) -> dict[str, Any]:
    return {"arn": made["Arn"], "createDate": made["CreateDate"].isoformat(), "uniqueId": made[identifier]}
