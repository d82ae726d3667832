"""What the code in a task may do in AWS, each with its reason. Pure; ECS's own part of a start is the execution role's.

The gateway reads and writes the tables that its tasks share. vLLM calls no AWS service itself. Beside both there is the
collector, and, where the settings open it, the agent of `aws ecs execute-command`.
"""

from dataclasses import dataclass

from stacks.policies.statements import Statement

# The one partition of the ledger that says which release is live (scripts/release/control.py).
LIVE_PARTITION = "control"


@dataclass(frozen=True)
class TableArns:
    """The tables of one environment."""

    ledger: str
    keys: str
    cache: str
    usage: str


def gateway(tables: TableArns) -> list[Statement]:
    """What the gateway itself does in AWS. It deletes nothing but its own sign of life."""
    return [
        Statement("ReadKeys", "clients' keys are looked up every few seconds", _calls("Query"), (tables.keys,)),
        Statement(
            "KeepAnswers",
            "a good answer is kept for the moment when no model answers",
            _calls("GetItem", "BatchWriteItem"),
            (tables.cache,),
        ),
        Statement(
            "CountUse",
            "tasks add up what each key used, follow the switches, and say that they are there until they end",
            _calls("Query", "UpdateItem", "BatchWriteItem", "DeleteItem"),
            (tables.usage,),
        ),
        Statement(
            "WhatIsLive",
            "only the live release keeps answers; of the ledger a task reads this and nothing else",
            _calls("GetItem"),
            (tables.ledger,),
            {"ForAnyValue:StringEquals": {"dynamodb:LeadingKeys": [LIVE_PARTITION]}},
        ),
    ]


def task(workspace_arn: str, queue_lines_arn: str | None, shell_log_arn: str | None) -> list[Statement]:
    """Everything that a task of one kind may do. None: it publishes no queue; no shell can be opened in it."""
    return [
        Statement("WriteMetrics", "the collector sends the task's metrics", ("aps:RemoteWrite",), (workspace_arn,)),
        *([_publish_queue(queue_lines_arn)] if queue_lines_arn else []),
        *(_shell(shell_log_arn) if shell_log_arn else []),
    ]


def _publish_queue(lines_arn: str) -> Statement:
    """CloudWatch makes metrics of lines in its embedded format; the log group is there, so none need be made."""
    return Statement(
        "PublishQueue",
        "the collector publishes the queue that autoscaling reads",
        ("logs:CreateLogStream", "logs:PutLogEvents"),
        (f"{lines_arn}:*",),
    )


def _shell(log_arn: str) -> list[Statement]:
    """The ECS developer guide's permissions for execute-command with a log group."""
    channels = ("CreateControlChannel", "CreateDataChannel", "OpenControlChannel", "OpenDataChannel")
    return [
        Statement(
            "OpenShell",
            "execute-command reaches a container through Session Manager",
            tuple(f"ssmmessages:{verb}" for verb in channels),
            ("*",),
        ),
        Statement("FindShellLog", "the agent looks for the session log", ("logs:DescribeLogGroups",), ("*",)),
        Statement(
            "LogShell",
            "what was typed is kept",
            ("logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents"),
            (f"{log_arn}:*",),
        ),
    ]


def _calls(*operations: str) -> tuple[str, ...]:
    return tuple(f"dynamodb:{operation}" for operation in operations)
