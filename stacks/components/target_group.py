"""One colour's target group. The release engine moves weights between two of them and never makes a third."""

from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from stacks.schema import TargetHealth


@dataclass(frozen=True)
class TargetGroupArgs:
    """`health_port` is where the load balancer asks `/ready`; traffic goes to `port`."""

    aws_name: str
    vpc_id: pulumi.Input[str]
    port: int
    health_port: int
    health: TargetHealth
    deregistration_delay_seconds: int
    algorithm: str = "round_robin"


def target_group(name: str, args: TargetGroupArgs, parent: pulumi.Resource) -> aws.lb.TargetGroup:
    """A protected target group of addresses, without stickiness: a sticky client would outlive a rollback."""
    return aws.lb.TargetGroup(
        name,
        name=args.aws_name,
        vpc_id=args.vpc_id,
        port=args.port,
        protocol="HTTP",
        target_type="ip",
        deregistration_delay=args.deregistration_delay_seconds,
        load_balancing_algorithm_type=args.algorithm,
        stickiness=aws.lb.TargetGroupStickinessArgs(enabled=False, type="lb_cookie"),
        health_check=aws.lb.TargetGroupHealthCheckArgs(
            enabled=True,
            protocol="HTTP",
            path="/ready",
            port=str(args.health_port),
            matcher="200",
            interval=args.health.interval_seconds,
            timeout=args.health.timeout_seconds,
            healthy_threshold=args.health.healthy_count,
            unhealthy_threshold=args.health.unhealthy_count,
        ),
        opts=pulumi.ResourceOptions(parent=parent, protect=True),
    )
