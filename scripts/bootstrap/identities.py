"""Roles of AWS's own services, and the pipeline's identity provider: once an account. Pure.

AWS makes a service-linked role at a service's first use, if whoever uses it may. Made before, the first `pulumi up`
depends neither on that permission nor on the seconds until a new role is known everywhere.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from scripts.aws.model import Call
from scripts.bootstrap.creation import Creation
from scripts.bootstrap.finding import Finding, Status
from stacks.accounts import Account

GITHUB_HOST = "token.actions.githubusercontent.com"
# The audience that GitHub's action for AWS credentials asks for by default.
GITHUB_AUDIENCE = "sts.amazonaws.com"


@dataclass(frozen=True)
class LinkedRole:
    """A role that only `service` can take."""

    label: str
    service: str
    name: str


# Names and principals: the services' guides, "service-linked roles" (ECS, Elastic Load Balancing, EC2 Auto Scaling,
# Application Auto Scaling with ECS).
LINKED_ROLES = (
    LinkedRole("ECS", "ecs.amazonaws.com", "AWSServiceRoleForECS"),
    LinkedRole("Elastic Load Balancing", "elasticloadbalancing.amazonaws.com", "AWSServiceRoleForElasticLoadBalancing"),
    LinkedRole("EC2 Auto Scaling", "autoscaling.amazonaws.com", "AWSServiceRoleForAutoScaling"),
    LinkedRole(
        "Application Auto Scaling for ECS",
        "ecs.application-autoscaling.amazonaws.com",
        "AWSServiceRoleForApplicationAutoScaling_ECSService",
    ),
)


def linked(found: Mapping[str, Collection[str]]) -> tuple[Finding, tuple[Creation, ...]]:
    """`found`: service principal to the roles that it can take. One with a suffix is somebody's, not the default."""
    missing = [role for role in LINKED_ROLES if not _has_default(found[role.service], role.name)]
    if not missing:
        return Finding("linked roles", Status.OK, f"of {_labels(LINKED_ROLES)}"), ()
    return (
        Finding("linked roles", Status.TO_BE_MADE, f"of {_labels(missing)} do not exist"),
        tuple(_make(role) for role in missing),
    )


def github(
    hosts: Collection[str], audiences: Collection[str], account: Account
) -> tuple[Finding, tuple[Creation, ...]]:
    arn = provider_arn(account)
    if GITHUB_HOST not in hosts:
        parameters = {"Url": f"https://{GITHUB_HOST}", "ClientIDList": [GITHUB_AUDIENCE]}
        call = Call("iam", "CreateOpenIDConnectProvider", parameters)
        made = Creation(f"identity provider {GITHUB_HOST}", "Accepting GitHub's identities", (call,))
        return Finding("GitHub identity", Status.TO_BE_MADE, f"{GITHUB_HOST} is not known to the account"), (made,)
    if GITHUB_AUDIENCE not in audiences:
        call = Call(
            "iam", "AddClientIDToOpenIDConnectProvider", {"OpenIDConnectProviderArn": arn, "ClientID": GITHUB_AUDIENCE}
        )
        made = Creation(f"audience {GITHUB_AUDIENCE}", "Adding the audience to GitHub's provider", (call,))
        return Finding("GitHub identity", Status.TO_BE_MADE, f"{arn} lacks the audience {GITHUB_AUDIENCE}"), (made,)
    return Finding("GitHub identity", Status.OK, f"{GITHUB_HOST}, for {GITHUB_AUDIENCE}"), ()


def provider_arn(account: Account) -> str:
    return f"arn:{account.partition}:iam::{account.account_id}:oidc-provider/{GITHUB_HOST}"


def _has_default(names: Collection[str], default: str) -> bool:
    return any(not name.startswith(f"{default}_") for name in names)


def _make(role: LinkedRole) -> Creation:
    call = Call("iam", "CreateServiceLinkedRole", {"AWSServiceName": role.service})
    return Creation(f"role {role.name}", f"Creating the service-linked role of {role.label}", (call,))


def _labels(roles: Collection[LinkedRole]) -> str:
    return ", ".join(role.label for role in roles)
