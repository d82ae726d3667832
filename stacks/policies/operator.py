"""What people on call may do beside releasing: the operator role's own permissions, each with its reason. Pure.

The role also carries the deployer's statements (`deployer.py`). It buys nothing, changes no role, and ends nothing but
one host. What tasks call is here, what the runbooks tell people to type with `aws …` in `diagnosis.py`.
`stacks/components/operator.py` attaches the result.
"""

from stacks.policies import diagnosis
from stacks.policies.deployer import Scope
from stacks.policies.statements import Statement

_MACHINE_IMAGE = "parameter/aws/service/ecs/optimized-ami/amazon-linux-2023/gpu/recommended"


def statements(scope: Scope, certificate_arn: str, shells: bool) -> tuple[Statement, ...]:
    """Every permission that the operator has and the deployer has not. `shells`: see `diagnosis.statements`."""
    tasks = (_history(scope), _gateway(scope), *_secrets(scope), *_readers(scope), *_capacity(scope))
    return (*tasks, *diagnosis.statements(scope, certificate_arn, shells))


def _history(scope: Scope) -> Statement:
    return Statement("History", "history lists the releases, newest first", ("dynamodb:Query",), (scope.ledger_arn,))


def _gateway(scope: Scope) -> Statement:
    """Nothing is deleted there: a revoked key stays on record, a switch is set back."""
    return Statement(
        "KeysAndSwitches",
        "keys.* make, list and revoke clients' keys; breaker.* and fallback.* set switches and read who follows them",
        ("dynamodb:Query", "dynamodb:UpdateItem"),
        (scope.keys_arn, scope.usage_arn),
    )


def _secrets(scope: Scope) -> tuple[Statement, ...]:
    return (
        Statement(
            "Secrets",
            "secrets.set and secrets.rotate put new values, the value before stays until the next one; secrets.status "
            "says how old each is and which policy of its own opens it",
            tuple(f"secretsmanager:{verb}" for verb in ("PutSecretValue", "ListSecretVersionIds", "GetResourcePolicy")),
            scope.secret_arns,
        ),
        Statement(
            "ClientKeys",
            "a client's key is rotated among the keys of all clients, which are one value",
            ("secretsmanager:GetSecretValue",),
            (scope.api_keys_arn,),
        ),
    )


def _readers(scope: Scope) -> tuple[Statement, ...]:
    roles = (scope.account.global_arn("iam", f"role/{scope.names.role('*')}"),)
    return (
        Statement("FindReaders", "secrets.status finds this environment's roles by name", ("iam:ListRoles",), ("*",)),
        Statement(
            "Readers",
            "secrets.status says which of this environment's roles may read each secret",
            ("iam:ListRolePolicies", "iam:GetRolePolicy"),
            roles,
        ),
    )


def _capacity(scope: Scope) -> tuple[Statement, ...]:
    return (
        Statement(
            "NewestImage",
            "capacity.image compares the hosts' image with the newest that AWS recommends",
            ("ssm:GetParameter",),
            (scope.account.public_arn("ssm", _MACHINE_IMAGE),),
        ),
        Statement(
            "ReadPurchases",
            "capacity.status says what is reserved and whether it is used; buying is the owner's",
            ("ec2:DescribeImages", "ec2:DescribeReservedInstances"),
            ("*",),
        ),
    )
