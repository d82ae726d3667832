"""Who a task is in the rehearsal's AWS. ECS hands the role's credentials out at an address in the task; here they are
variables, whose key id is the role's short name, so that each call is held against that role's policies.
"""

from collections.abc import Callable, Mapping

Credentials = Callable[[str], Mapping[str, str]]


def of_roles(endpoint_url: str, prefix: str) -> Credentials:
    """By a task role's ARN. `prefix` is what the names of this environment's roles begin with."""

    def credentials(role_arn: str) -> Mapping[str, str]:
        name = role_arn.rpartition("/")[2]
        if not name:
            return {}
        return {
            "AWS_ENDPOINT_URL": endpoint_url,
            "AWS_ACCESS_KEY_ID": name.removeprefix(prefix),
            "AWS_SECRET_ACCESS_KEY": "rehearsal",
        }

    return credentials


def none(_role_arn: str) -> Mapping[str, str]:
    """Where there is no AWS."""
    return {}
