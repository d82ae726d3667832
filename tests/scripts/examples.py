"""A manifest, templates and digests for tests. Small numbers, production's shape."""

from typing import Any

from stacks.manifest import Capacity, ColourText, Door, Manifest, Policy, Secrets, Slot, SlotPair
from stacks.naming import Colour, Names, Part

_ARN = "arn:aws:elasticloadbalancing:us-east-1:123456789012"
_CONTAINER = {Part.API: ("gateway", 8080), Part.VLLM: ("vllm", 8000)}
MINIMUM, MAXIMUM = 2, 4


def digest(name: str) -> str:
    """A full digest that a reader can tell from another: `digest("api-1")`."""
    return "sha256:" + name.encode().hex().ljust(64, "0")[:64]


def manifest(environment: str = "staging") -> Manifest:
    names = Names(environment)
    return Manifest(
        environment=environment,
        region="us-east-1",
        account_id="123456789012",
        cluster=names.cluster,
        door=Door(
            url="https://llm.example",
            dns_name="staging-public.elb.example",
            listener_arn=f"{_ARN}:listener/app/public/1/2",
            load_balancer_arn=f"{_ARN}:loadbalancer/app/public/1",
            traffic_rule_arn=f"{_ARN}:listener-rule/app/public/1/2/traffic",
            preview_rule_arns=ColourText(f"{_ARN}:listener-rule/preview-blue", f"{_ARN}:listener-rule/preview-green"),
        ),
        api=_pair(names, Part.API),
        vllm=_pair(names, Part.VLLM),
        vllm_urls=ColourText("http://vllm.internal:8001", "http://vllm.internal:8002"),
        repositories={str(part): f"123456789012.dkr.ecr.example/{names.repository(part)}" for part in Part},
        ledger_table=names.table("ledger"),
        capacity=_capacity(names),
        secrets=Secrets("arn:secret:api-keys", "arn:secret:smoke-key", "arn:secret:openai"),
        policy=_policy(),
        kit_version="0.1.0",
        model_bucket=names.bucket("models", "123456789012"),
    )


def template(part: Part, names: Names) -> dict[str, Any]:
    """What Pulumi registers, one field included that the engine knows nothing of."""
    container, port = _CONTAINER[part]
    main: dict[str, Any] = {
        "name": container,
        "image": "placeholder",
        "essential": True,
        "portMappings": [{"containerPort": port}],
        "environment": [{"name": "SWITCHYARD_ENVIRONMENT", "value": names.environment}],
        "linuxParameters": {"initProcessEnabled": True},
    }
    if part is Part.VLLM:
        main["resourceRequirements"] = [{"type": "GPU", "value": "1"}]
    return {
        "family": names.template(part),
        "networkMode": "awsvpc",
        "containerDefinitions": [main, {"name": "collector", "image": "collector:1", "essential": False}],
    }


def actions(of: Manifest, blue: int, green: int) -> list[dict[str, Any]]:
    weights = {Colour.BLUE: blue, Colour.GREEN: green}
    groups = [{"TargetGroupArn": of.slot(Part.API, c).target_group_arn, "Weight": weights[c]} for c in Colour]
    forward = {"TargetGroups": groups, "TargetGroupStickinessConfig": {"Enabled": False}}
    return [{"Type": "forward", "Order": 1, "ForwardConfig": forward}]


def _pair(names: Names, part: Part) -> SlotPair:
    blue, green = (_slot(names, part, colour) for colour in Colour)
    return SlotPair(blue, green)


def _slot(names: Names, part: Part, colour: Colour) -> Slot:
    name, (container, port) = names.slot(part, colour), _CONTAINER[part]
    return Slot(
        service=name,
        task_family=name,
        template_family=names.template(part),
        target_group_arn=f"{_ARN}:targetgroup/{name}/1",
        container=container,
        container_port=port,
        minimum_count=MINIMUM,
        maximum_count=MAXIMUM,
    )


def _capacity(names: Names) -> Capacity:
    return Capacity(
        capacity_provider=names.capacity_provider(),
        autoscaling_group=f"{names.prefix}-g5",
        instance_type="g5.xlarge",
        gpus_per_host=1,
        vcpus_per_host=4,
        zones=("us-east-1a", "us-east-1b"),
        maximum_hosts=4,
        hourly_usd=1.006,
    )


def _policy() -> Policy:
    return Policy(
        stream_limit_seconds=600,
        deregistration_delay_seconds=600,
        start_timeout_seconds=300,
        poll_seconds=1,
        probe_answers=5,
        switch_timeout_seconds=150,
        hold_seconds=10,
        bake_seconds=10,
        rollback_watch_seconds=10,
        settle_timeout_seconds=60,
        lease_seconds=30,
        intent_valid_seconds=5,
        unsettled_alarm_hours=4,
    )
