"""What the release engine may do: the deployer role's permissions, each with its reason. Pure.

Everything that changes something names its resource. Where a statement says `*`, AWS offers no resource to name for
that action: `stacks/policies/unnameable.py` says why. `stacks/components/deployer.py` attaches the result.
"""

from dataclasses import dataclass

from stacks.accounts import Account
from stacks.naming import PURPOSE_TAG, RELEASE_PURPOSE, STACK_TAG, Colour, Names, Part, model_marker
from stacks.policies.statements import Statement

G_AND_VT_QUOTA = "L-DB2E81BA"


@dataclass(frozen=True)
class Scope:
    """The resources of one environment that the engine and the operator's tasks work on."""

    names: Names
    account: Account
    traffic_rule_arn: str
    ledger_arn: str
    keys_arn: str
    usage_arn: str
    repository_arns: tuple[str, ...]
    secret_arns: tuple[str, ...]
    api_keys_arn: str
    smoke_key_arn: str
    passed_role_arns: tuple[str, ...]
    model_bucket_arn: str


def statements(scope: Scope) -> tuple[Statement, ...]:
    """Every permission of the deployer role."""
    return (
        *_ledger(scope),
        *_traffic(scope),
        *_services(scope),
        *_task_definitions(scope),
        *_scaling(scope),
        *_hosts(scope),
        *_reservations(scope),
        *_checks(scope),
    )


def _ledger(scope: Scope) -> tuple[Statement, ...]:
    return (
        Statement(
            "Identity",
            "a task states which account and role it acts with before it acts",
            ("sts:GetCallerIdentity",),
            ("*",),
        ),
        Statement(
            "Ledger",
            "releases, steps and the lock are kept there, the manifest is read there",
            tuple(f"dynamodb:{verb}" for verb in ("GetItem", "PutItem", "UpdateItem")),
            (scope.ledger_arn,),
        ),
    )


def _traffic(scope: Scope) -> tuple[Statement, ...]:
    return (
        Statement(
            "ReadTraffic",
            "weights and target health are the truth and are read before and after each write",
            ("elasticloadbalancing:DescribeRules", "elasticloadbalancing:DescribeTargetHealth"),
            ("*",),
        ),
        Statement(
            "MoveTraffic",
            "switchover, canary and rollback write the weights of this one rule",
            ("elasticloadbalancing:ModifyRule",),
            (scope.traffic_rule_arn,),
        ),
    )


def _services(scope: Scope) -> tuple[Statement, ...]:
    names, account = scope.names, scope.account
    return (
        Statement(
            "Services",
            "a candidate starts, and an old colour stops, by one update of its service",
            ("ecs:DescribeServices", "ecs:UpdateService"),
            tuple(account.arn("ecs", f"service/{names.cluster}/{slot}") for slot in _slots(names)),
        ),
        Statement(
            "ListTasks",
            "the wait for a candidate looks at its tasks",
            ("ecs:ListTasks",),
            ("*",),
            {"ArnEquals": {"ecs:cluster": account.arn("ecs", f"cluster/{names.cluster}")}},
        ),
        Statement(
            "Tasks",
            "the wait for a candidate says why a task stopped",
            ("ecs:DescribeTasks",),
            (account.arn("ecs", f"task/{names.cluster}/*"),),
        ),
    )


def _task_definitions(scope: Scope) -> tuple[Statement, ...]:
    copies = tuple(scope.account.arn("ecs", f"task-definition/{slot}:*") for slot in _slots(scope.names))
    return (
        Statement(
            "ReadDefinitions",
            "the template is what a release copies; what runs says which release it is",
            ("ecs:DescribeTaskDefinition",),
            ("*",),
        ),
        Statement(
            "RegisterDefinitions",
            "a release is a copy of the template with its digest, in its colour's own family",
            ("ecs:RegisterTaskDefinition",),
            copies,
        ),
        Statement(
            "TagDefinitions",
            "a copy names its release and its template",
            ("ecs:TagResource",),
            copies,
            {"StringEquals": {"ecs:CreateAction": "RegisterTaskDefinition"}},
        ),
        Statement(
            "PassRoles",
            "a task definition hands its roles to ECS, and to nothing else",
            ("iam:PassRole",),
            scope.passed_role_arns,
            {"StringEquals": {"iam:PassedToService": "ecs-tasks.amazonaws.com"}},
        ),
    )


def _scaling(scope: Scope) -> tuple[Statement, ...]:
    return (
        Statement(
            "SetBounds",
            "a release suspends scale-in on both colours and moves their bounds",
            ("application-autoscaling:RegisterScalableTarget",),
            (scope.account.arn("application-autoscaling", "scalable-target/*"),),
            {
                "StringEquals": {
                    "application-autoscaling:service-namespace": "ecs",
                    "application-autoscaling:scalable-dimension": "ecs:service:DesiredCount",
                    f"aws:ResourceTag/{STACK_TAG}": scope.names.prefix,
                }
            },
        ),
    )


def _hosts(scope: Scope) -> tuple[Statement, ...]:
    names, account = scope.names, scope.account
    return (
        Statement(
            "ListHosts",
            "pre-flight counts free GPUs",
            ("ecs:ListContainerInstances",),
            (account.arn("ecs", f"cluster/{names.cluster}"),),
        ),
        Statement(
            "Hosts",
            "pre-flight counts free GPUs; settle names the host that stays",
            ("ecs:DescribeContainerInstances",),
            (account.arn("ecs", f"container-instance/{names.cluster}/*"),),
        ),
        Statement(
            "ReadCapacity",
            "pre-flight adds up hosts that may still come and reservations that are left",
            ("autoscaling:DescribeAutoScalingGroups", "ec2:DescribeCapacityReservations"),
            ("*",),
        ),
        Statement(
            "Quota",
            "pre-flight compares the account's limit for G and VT instances",
            ("servicequotas:GetServiceQuota",),
            (account.arn("servicequotas", f"ec2/{G_AND_VT_QUOTA}"),),
        ),
    )


def _reservations(scope: Scope) -> tuple[Statement, ...]:
    reservations = (scope.account.arn("ec2", "capacity-reservation/*"),)
    return (
        Statement(
            "ProveCapacity",
            "a short reservation proves that EC2 has the GPUs before anything changes",
            ("ec2:CreateCapacityReservation",),
            reservations,
            {"StringEquals": _tagged("aws:RequestTag", scope)},
        ),
        Statement(
            "TagReservation",
            "the short reservation is told from the permanent one by its tag",
            ("ec2:CreateTags",),
            reservations,
            {"StringEquals": {"ec2:CreateAction": "CreateCapacityReservation"}},
        ),
        Statement(
            "EndReservation",
            "the short reservation ends when the hosts run; the permanent one carries no such tag",
            ("ec2:CancelCapacityReservation",),
            reservations,
            {"StringEquals": _tagged("aws:ResourceTag", scope)},
        ),
    )


def _checks(scope: Scope) -> tuple[Statement, ...]:
    return (
        Statement(
            "Images",
            "pre-flight checks that a digest is there and fits the hosts",
            ("ecr:DescribeImages", "ecr:BatchGetImage"),
            scope.repository_arns,
        ),
        Statement(
            "ModelComplete",
            "pre-flight asks for the one file that says a model is whole; it can list such files and read none",
            ("s3:ListBucket",),
            (scope.model_bucket_arn,),
            {"StringLike": {"s3:prefix": model_marker("*")}},
        ),
        Statement(
            "Alarms",
            "pre-flight refuses while a blocking alarm rings",
            ("cloudwatch:DescribeAlarms",),
            ("*",),
        ),
        Statement(
            "SecretsPresent",
            "pre-flight checks that a task will find its secrets",
            ("secretsmanager:DescribeSecret",),
            scope.secret_arns,
        ),
        Statement(
            "SmokeKey",
            "smoke asks through the public door with a key of its own",
            ("secretsmanager:GetSecretValue",),
            (scope.smoke_key_arn,),
        ),
    )


def _tagged(where: str, scope: Scope) -> dict[str, str]:
    """A reservation for a release, and for one of this environment."""
    return {f"{where}/{PURPOSE_TAG}": RELEASE_PURPOSE, f"{where}/{STACK_TAG}": scope.names.prefix}


def _slots(names: Names) -> tuple[str, ...]:
    return tuple(names.slot(part, colour) for part in Part for colour in Colour)
