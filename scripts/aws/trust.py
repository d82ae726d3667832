"""IAM: roles that AWS's services act with, and whose identities the account accepts."""

from scripts.aws.clients import Clients
from scripts.aws.failures import translated


def linked_roles(clients: Clients, service: str) -> tuple[str, ...]:
    """Names of the service-linked roles of one service principal, found by their path."""
    with translated("iam", "ListRoles"):
        pages = clients.read("iam").get_paginator("list_roles").paginate(PathPrefix=f"/aws-service-role/{service}/")
        return tuple(role["RoleName"] for page in pages for role in page["Roles"])


def identity_providers(clients: Clients) -> tuple[str, ...]:
    """Hosts of the OpenID Connect providers: an ARN ends with one."""
    with translated("iam", "ListOpenIDConnectProviders"):
        found = clients.read("iam").list_open_id_connect_providers()["OpenIDConnectProviderList"]
    return tuple(entry["Arn"].partition("oidc-provider/")[2] for entry in found)


def audiences(clients: Clients, provider_arn: str) -> tuple[str, ...]:
    with translated("iam", "GetOpenIDConnectProvider"):
        found = clients.read("iam").get_open_id_connect_provider(OpenIDConnectProviderArn=provider_arn)
    return tuple(found.get("ClientIDList", ()))
