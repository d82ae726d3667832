"""What people on call type with `aws …`, as the runbooks and pages tell them: looking, and ending one host. Pure.

No task of the kit calls any of it; `tests/contracts/test_aws_lines_in_docs.py` holds the lines against the operator's
permissions. What may be named is from the Service Authorization Reference.
"""

from stacks.containers import COLLECTOR, EXPORTER
from stacks.naming import STACK_TAG, Part
from stacks.policies.deployer import Scope
from stacks.policies.statements import Statement


def statements(scope: Scope, certificate_arn: str, shells: bool) -> tuple[Statement, ...]:
    """`shells`: whether the settings let anybody open a shell in a task."""
    return (*_logs(scope), *_hosts(scope), _certificate(certificate_arn), *([_shell(scope)] if shells else []))


def _logs(scope: Scope) -> tuple[Statement, ...]:
    """Not the log of what was typed in shells: it is read by the owner."""
    names, account = scope.names, scope.account
    groups = (*(names.log_group(which) for which in (*Part, COLLECTOR, EXPORTER)), names.firewall_log_group())
    bucket = f"arn:{account.partition}:s3:::{names.bucket('logs', account.account_id)}"
    return (
        Statement(
            "ReadLines",
            "the runbooks read the containers' lines and what the web firewall refused (`aws logs …`)",
            ("logs:FilterLogEvents", "logs:StartQuery", "logs:GetQueryResults"),
            tuple(account.arn("logs", f"log-group:{group}:*") for group in groups),
        ),
        Statement(
            "FindAccessLogs",
            "a runbook picks minutes by the objects' names (`aws s3 cp`)",
            ("s3:ListBucket",),
            (bucket,),
        ),
        Statement(
            "ReadAccessLogs",
            "a runbook reads why a load balancer answered by itself (`aws s3 cp`)",
            ("s3:GetObject",),
            (f"{bucket}/AWSLogs/{account.account_id}/elasticloadbalancing/*",),
        ),
    )


def _hosts(scope: Scope) -> tuple[Statement, ...]:
    names, account = scope.names, scope.account
    return (
        Statement(
            "WhyNoHost",
            "a runbook asks what EC2 answered when a host was wanted (`aws autoscaling …`)",
            ("autoscaling:DescribeScalingActivities",),
            ("*",),
        ),
        Statement(
            "HostConsole",
            "a runbook reads why a host of this environment does not join (`aws ec2 …`)",
            ("ec2:GetConsoleOutput",),
            (account.arn("ec2", "instance/*"),),
            {"StringEquals": {f"aws:ResourceTag/{STACK_TAG}": names.prefix}},
        ),
        Statement(
            "EndHost",
            "a runbook ends a host that did not join: scale-in protection keeps ECS from it (`aws autoscaling …`)",
            ("autoscaling:TerminateInstanceInAutoScalingGroup",),
            (account.arn("autoscaling", f"autoScalingGroup:*:autoScalingGroupName/{names.autoscaling_group()}"),),
        ),
    )


def _certificate(arn: str) -> Statement:
    return Statement(
        "ReadCertificate",
        "a runbook asks why it was not renewed (`aws acm …`); importing one is the owner's",
        ("acm:DescribeCertificate",),
        (arn,),
    )


def _shell(scope: Scope) -> Statement:
    """The request names the cluster and the task: both must be allowed."""
    cluster = scope.names.cluster
    return Statement(
        "ShellInTask",
        "the setting `executeCommand` lets people on call open a shell in a task (`aws ecs execute-command`)",
        ("ecs:ExecuteCommand",),
        (scope.account.arn("ecs", f"cluster/{cluster}"), scope.account.arn("ecs", f"task/{cluster}/*")),
    )
