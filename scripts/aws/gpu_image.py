"""The image AWS recommends for GPU hosts of ECS: its public parameter, as it states it."""

import json
from dataclasses import dataclass

from scripts.aws.clients import Clients
from scripts.aws.failures import translated
from scripts.errors import AwsFailed

# Amazon ECS Developer Guide, "Retrieving Amazon ECS-optimized Linux AMI metadata".
PARAMETER = "/aws/service/ecs/optimized-ami/amazon-linux-2023/gpu/recommended"


@dataclass(frozen=True)
class GpuImage:
    """What the parameter says. `version` is `2023.0.<date>`; the NVIDIA driver is not among what AWS states there."""

    image_id: str
    name: str
    version: str
    agent: str
    docker: str
    source: str


def recommended(clients: Clients) -> GpuImage:
    with translated("ssm", "GetParameter"):
        value = str(clients.read("ssm").get_parameter(Name=PARAMETER)["Parameter"]["Value"])
    try:
        found = json.loads(value)
        return GpuImage(
            image_id=found["image_id"],
            name=found["image_name"],
            version=found.get("image_version", ""),
            agent=found.get("ecs_agent_version", ""),
            docker=found.get("ecs_runtime_version", ""),
            source=found.get("source_image_name", ""),
        )
    except (ValueError, KeyError) as error:
        raise AwsFailed(f"ssm GetParameter {PARAMETER}: expected an image in JSON, found {value[:80]!r}") from error
