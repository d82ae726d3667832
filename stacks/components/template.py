"""Task definitions: what all of the kit's have in common. A part's template is what its releases are copied from.

Pulumi registers a new revision when one changes and never removes one; a running colour keeps its copy until its
next release. Nothing runs a part's template itself: its image is a placeholder.
"""

from dataclasses import dataclass, field
from typing import Any

import pulumi
import pulumi_aws as aws


@dataclass(frozen=True)
class TemplateArgs:
    """`sizes` are the task's own cpu and memory, which Fargate needs."""

    family: str
    launch_type: str
    containers: pulumi.Input[str]
    task_role_arn: pulumi.Input[str]
    execution_role_arn: pulumi.Input[str]
    volumes: list[Any] = field(default_factory=list)
    sizes: dict[str, str] = field(default_factory=dict)
    tags: dict[str, str] = field(default_factory=dict)


def template(name: str, args: TemplateArgs, parent: pulumi.Resource) -> aws.ecs.TaskDefinition:
    """The newest revision of the family."""
    return aws.ecs.TaskDefinition(
        name,
        family=args.family,
        network_mode="awsvpc",
        requires_compatibilities=[args.launch_type],
        runtime_platform=aws.ecs.TaskDefinitionRuntimePlatformArgs(
            operating_system_family="LINUX", cpu_architecture="X86_64"
        ),
        task_role_arn=args.task_role_arn,
        execution_role_arn=args.execution_role_arn,
        container_definitions=args.containers,
        volumes=args.volumes,
        skip_destroy=True,
        tags=args.tags,
        opts=pulumi.ResourceOptions(parent=parent),
        **args.sizes,
    )
