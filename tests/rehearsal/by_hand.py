"""What a person could do with boto3 alone: run tasks on a colour, move weights, stop a colour. No release engine."""

import time
from collections.abc import Callable
from typing import Any

from rehearsal.ground import Account
from rehearsal.images import image
from rehearsal.invitation import FIRST_REVISION, MODEL, PROFILE
from rehearsal.world import World
from stacks.naming import Colour, Part

_RESPONSE_ONLY = (
    "taskDefinitionArn",
    "revision",
    "status",
    "requiresAttributes",
    "compatibilities",
    "registeredAt",
    "registeredBy",
)
PATIENCE_SECONDS = 60.0


class Hand:
    """boto3 on a running world."""

    def __init__(self, world: World) -> None:
        self.manifest = world.manifest
        self._account = Account(world.connection.endpoint_url, world.connection.region)
        self.ecs, self.elb = self._client("ecs"), self._client("elbv2")

    def run(self, colour: Colour, count: int = 2) -> None:
        """Both parts on one colour, healthy when this returns."""
        for part, tag in ((Part.VLLM, "vllm-1"), (Part.API, "api-1")):
            self.scale(part, colour, count, self._register(part, colour, tag))
        for part in Part:
            self.wait(lambda part=part: self.states(part, colour) == ["healthy"] * count)  # type: ignore[misc]

    def scale(self, part: Part, colour: Colour, count: int, definition: str | None = None) -> None:
        change = {"taskDefinition": definition} if definition else {}
        service = self.manifest.slot(part, colour).service
        self.ecs.update_service(cluster=self.manifest.cluster, service=service, desiredCount=count, **change)

    def weights(self, blue: int, green: int) -> None:
        groups = [
            {"TargetGroupArn": self.manifest.api.blue.target_group_arn, "Weight": blue},
            {"TargetGroupArn": self.manifest.api.green.target_group_arn, "Weight": green},
        ]
        action = {"Type": "forward", "ForwardConfig": {"TargetGroups": groups}}
        self.elb.modify_rule(RuleArn=self.manifest.door.traffic_rule_arn, Actions=[action])

    def deregistration_delay(self, seconds: int) -> None:
        for part in Part:
            for colour in Colour:
                self.elb.modify_target_group_attributes(
                    TargetGroupArn=self.manifest.slot(part, colour).target_group_arn,
                    Attributes=[{"Key": "deregistration_delay.timeout_seconds", "Value": str(seconds)}],
                )

    def states(self, part: Part, colour: Colour) -> list[str]:
        arn = self.manifest.slot(part, colour).target_group_arn
        found = self.elb.describe_target_health(TargetGroupArn=arn)["TargetHealthDescriptions"]
        return [entry["TargetHealth"]["State"] for entry in found]

    def wait(self, condition: Callable[[], bool]) -> None:
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not condition():
            if time.monotonic() > deadline:
                raise TimeoutError(f"still waiting after {PATIENCE_SECONDS:.0f} s")
            time.sleep(0.2)

    def _register(self, part: Part, colour: Colour, tag: str) -> str:
        slot = self.manifest.slot(part, colour)
        found = self.ecs.describe_task_definition(taskDefinition=slot.template_family)["taskDefinition"]
        template = {key: value for key, value in found.items() if key not in _RESPONSE_ONLY}
        main = next(c for c in template["containerDefinitions"] if c["name"] == slot.container)
        main["image"] = f"{self.manifest.repositories[part]}@{image(tag).digest}"
        main["environment"] += [{"name": k, "value": v} for k, v in self._told(colour).items()]
        answer = self.ecs.register_task_definition(**{**template, "family": slot.task_family})
        return str(answer["taskDefinition"]["taskDefinitionArn"])

    def _told(self, colour: Colour) -> dict[str, str]:
        return {
            "SWITCHYARD_RELEASE": f"r-by-hand-{colour}",
            "SWITCHYARD_COLOUR": colour,
            "SWITCHYARD_MODEL_COLOUR": colour,
            "SWITCHYARD_VLLM_URL": self.manifest.vllm_urls[colour],
            "SWITCHYARD_MODEL": MODEL,
            "SWITCHYARD_MODEL_REVISION": FIRST_REVISION,
            "SWITCHYARD_PROFILE": PROFILE,
            "SWITCHYARD_STREAM_LIMIT_SECONDS": f"{self.manifest.policy.stream_limit_seconds:g}",
        }

    def _client(self, service: str) -> Any:
        return self._account.client(service)
