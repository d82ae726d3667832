"""What the code in a task may do in AWS, each with its reason. Pure; ECS's own part of a start is the execution role's.

The gateway and vLLM call no AWS service themselves: it is the collector beside them that does, and, where the settings
open it, the agent of `aws ecs execute-command`.
"""

from stacks.policies.statements import Statement


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
