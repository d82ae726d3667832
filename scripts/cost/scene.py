"""What the declaration says about how much runs: tasks and hosts, while one colour runs and while both do. Pure.

Counts are the minimum of a colour, from the manifest that the program writes; nothing is read from settings again.
"""

import json
import math
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from typing import Any

from stacks.manifest import Manifest, from_json
from stacks.offline.declaration import Declaration, Program


class Moment(StrEnum):
    """When the environment is looked at: at rest, or with both colours of API and model running."""

    IDLE = "idle"
    RELEASING = "releasing"


@dataclass(frozen=True)
class Scene:
    """One environment, to be asked for counts."""

    program: Program

    @cached_property
    def manifest(self) -> Manifest:
        item = json.loads(self.program.one("manifest-current").inputs["item"])
        return from_json(item["body"]["S"])

    def tasks(self, service: Declaration, moment: Moment) -> int:
        """How many tasks of an ECS service run. One colour of a part runs at rest, by convention blue."""
        if service.inputs.get("schedulingStrategy") == "DAEMON":
            return self.hosts(moment)
        for pair in (self.manifest.api, self.manifest.vllm):
            if service.inputs["name"] == pair.blue.service:
                return pair.blue.minimum_count
            if service.inputs["name"] == pair.green.service:
                return pair.green.minimum_count if moment is Moment.RELEASING else 0
        return int(service.inputs.get("desiredCount", 0))

    def hosts(self, moment: Moment) -> int:
        """How many GPU hosts the vLLM tasks need. A task takes whole GPUs."""
        return sum(self._hosts_of(service, moment) for service in self.program.of("Service"))

    def gateway_tasks(self, moment: Moment) -> int:
        return self.manifest.api.blue.minimum_count * (2 if moment is Moment.RELEASING else 1)

    def task_definition(self, service: Declaration) -> Declaration:
        """The template that a service's tasks are copied from."""
        arn = str(service.inputs["taskDefinition"])
        (found,) = [one for one in self.program.of("TaskDefinition") if arn.endswith(f":{one.name}")]
        return found

    def _hosts_of(self, service: Declaration, moment: Moment) -> int:
        gpus = sum(_gpus(container) for container in containers(self.task_definition(service)))
        if not gpus:
            return 0
        return math.ceil(self.tasks(service, moment) * gpus / self.manifest.capacity.gpus_per_host)


def containers(definition: Declaration) -> list[dict[str, Any]]:
    """The container definitions of a task definition."""
    found: list[dict[str, Any]] = json.loads(definition.inputs["containerDefinitions"])
    return found


def _gpus(container: dict[str, Any]) -> int:
    needs = container.get("resourceRequirements", [])
    return sum(int(one["value"]) for one in needs if one["type"] == "GPU")
