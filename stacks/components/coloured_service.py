"""One colour of one part: its ECS service and its scalable target.

Pulumi makes them with nothing running. From then on the release engine owns the task definition, the count and
the bounds, so all of these are ignored here, and whole.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import pulumi
import pulumi_aws as aws

from stacks.naming import Colour, Names, Part

SERVICE_OWNED_BY_ENGINE = ["taskDefinition", "desiredCount"]
# Suspension as well: while a release runs, the engine has suspended scale-in.
TARGET_OWNED_BY_ENGINE = ["minCapacity", "maxCapacity", "suspendedState"]


@dataclass(frozen=True)
class ColouredServiceArgs:
    """`launch` says where tasks run; `after` is what must exist for ECS to accept the target group."""

    names: Names
    part: Part
    colour: Colour
    cluster_name: pulumi.Input[str]
    cluster_arn: pulumi.Input[str]
    template_arn: pulumi.Input[str]
    container: str
    port: int
    target_group_arn: pulumi.Input[str]
    subnet_ids: list[pulumi.Output[str]]
    security_group_id: pulumi.Input[str]
    grace_seconds: int
    minimum_healthy_percent: int
    maximum_percent: int
    launch: dict[str, Any]
    execute_command: bool
    after: Sequence[pulumi.Resource] = field(default_factory=list)


@dataclass(frozen=True)
class ColouredService:
    """`target` is what policies attach to; its bounds are the engine's."""

    service: aws.ecs.Service
    target: aws.appautoscaling.Target


def coloured_service(name: str, args: ColouredServiceArgs, parent: pulumi.Resource) -> ColouredService:
    """The service, with its scalable target beside it."""
    service = aws.ecs.Service(
        name,
        name=args.names.slot(args.part, args.colour),
        cluster=args.cluster_arn,
        task_definition=args.template_arn,
        desired_count=0,
        deployment_minimum_healthy_percent=args.minimum_healthy_percent,
        deployment_maximum_percent=args.maximum_percent,
        # The engine takes a bad release back; ECS doing so as well would look like success.
        deployment_circuit_breaker=aws.ecs.ServiceDeploymentCircuitBreakerArgs(enable=True, rollback=False),
        health_check_grace_period_seconds=args.grace_seconds,
        network_configuration=aws.ecs.ServiceNetworkConfigurationArgs(
            subnets=args.subnet_ids, security_groups=[args.security_group_id], assign_public_ip=False
        ),
        load_balancers=[
            aws.ecs.ServiceLoadBalancerArgs(
                target_group_arn=args.target_group_arn, container_name=args.container, container_port=args.port
            )
        ],
        enable_ecs_managed_tags=True,
        enable_execute_command=args.execute_command,
        propagate_tags="TASK_DEFINITION",
        wait_for_steady_state=False,
        tags={"Part": args.part.value, "Colour": args.colour.value},
        opts=pulumi.ResourceOptions(
            parent=parent, protect=True, ignore_changes=SERVICE_OWNED_BY_ENGINE, depends_on=list(args.after)
        ),
        **args.launch,
    )
    return ColouredService(service, _scalable_target(f"{name}-scaling", args, service, parent))


def _scalable_target(
    name: str, args: ColouredServiceArgs, service: aws.ecs.Service, parent: pulumi.Resource
) -> aws.appautoscaling.Target:
    return aws.appautoscaling.Target(
        name,
        service_namespace="ecs",
        scalable_dimension="ecs:service:DesiredCount",
        resource_id=pulumi.Output.concat("service/", args.cluster_name, "/", service.name),
        min_capacity=0,
        max_capacity=0,
        opts=pulumi.ResourceOptions(parent=parent, ignore_changes=TARGET_OWNED_BY_ENGINE),
    )
