"""A small program's declaration for tests: two colours of API and model, and what a test adds."""

import json
from dataclasses import replace
from typing import Any

from stacks.manifest import to_json
from stacks.offline.declaration import Program
from tests.scripts.examples import manifest

ENVIRONMENT = "staging"


def program(
    *more: dict[str, Any],
    gpus_per_task: int = 1,
    fallback: str = "allow",
    host: tuple[str, float] = ("g5.xlarge", 1.006),
) -> Program:
    """The minimum of each colour is two (`tests.scripts.examples`). `host` is the settings' type and hourly price."""
    known = manifest(ENVIRONMENT)
    capacity = replace(known.capacity, instance_type=host[0], hourly_usd=host[1])
    item = {"body": {"S": to_json(replace(known, capacity=capacity))}}
    resources = [
        resource("aws:dynamodb/tableItem:TableItem", "manifest-current", item=json.dumps(item)),
        _definition("api-template", [{"environment": [{"name": "SWITCHYARD_EXTERNAL_FALLBACK", "value": fallback}]}]),
        _definition("vllm-template", [{"resourceRequirements": [{"type": "GPU", "value": str(gpus_per_task)}]}]),
        *(_service("api", colour, launchType="FARGATE") for colour in ("blue", "green")),
        *(_service("vllm", colour) for colour in ("blue", "green")),
        *more,
    ]
    return Program({"environment": ENVIRONMENT, "resources": resources, "outputs": {}})


def resource(kind: str, logical: str, /, **inputs: Any) -> dict[str, Any]:
    return {"type": kind, "name": logical, "inputs": inputs}


def hosts(kind: str = "g5.xlarge", disk_gb: int = 100) -> dict[str, Any]:
    disk = {"deviceName": "/dev/xvda", "ebs": {"volumeSize": disk_gb, "volumeType": "gp3"}}
    return resource("aws:ec2/launchTemplate:LaunchTemplate", "host", instanceType=kind, blockDeviceMappings=[disk])


def reservation(count: int) -> dict[str, Any]:
    kind = "aws:ec2/capacityReservation:CapacityReservation"
    return resource(kind, f"reserved-{count}", instanceType="g5.xlarge", instanceCount=count)


def _definition(name: str, containers: list[dict[str, Any]]) -> dict[str, Any]:
    kind = "aws:ecs/taskDefinition:TaskDefinition"
    family = f"{ENVIRONMENT}-{name}"
    return resource(kind, name, family=family, cpu="1024", memory="2048", containerDefinitions=json.dumps(containers))


def _service(part: str, colour: str, **inputs: Any) -> dict[str, Any]:
    arn = f"arn:aws:ecs:us-east-1:111122223333:{part}-template"
    return resource(
        "aws:ecs/service:Service",
        f"{part}-{colour}",
        name=f"{ENVIRONMENT}-{part}-{colour}",
        taskDefinition=arn,
        **inputs,
    )
