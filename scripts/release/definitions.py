"""Task definitions of a release: made from the template, and read back from a running service. Pure.

The engine sets the image digest and the contract's variables (tests/contracts/task_environment.yaml), nothing else.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from scripts.aws.model import Definition
from scripts.errors import Refused
from scripts.release.model import Content, Placement, Release
from stacks.manifest import Manifest
from stacks.naming import Colour, Part

RELEASE_TAG = "switchyard:release"
TEMPLATE_TAG = "switchyard:template"
VARIABLES = (
    "SWITCHYARD_RELEASE",
    "SWITCHYARD_COLOUR",
    "SWITCHYARD_MODEL_COLOUR",
    "SWITCHYARD_VLLM_URL",
    "SWITCHYARD_MODEL",
    "SWITCHYARD_MODEL_REVISION",
    "SWITCHYARD_PROFILE",
    "SWITCHYARD_STREAM_LIMIT_SECONDS",
)


@dataclass(frozen=True)
class Running:
    """What a task definition that the engine made says about itself."""

    release: str
    model_colour: Colour
    digest: str
    model: str
    revision: str
    profile: str


def registration(
    manifest: Manifest, template: Definition, release: Release, placement: Placement, part: Part
) -> dict[str, Any]:
    """Parameters of RegisterTaskDefinition. Raises Refused for a template without the part's container."""
    colour = placement.colour if part is Part.API else placement.model_colour
    slot = manifest.slot(part, colour)
    digest = release.content.api_image if part is Part.API else release.content.vllm_image
    image = f"{manifest.repositories[part]}@{digest}"
    containers = [dict(found) for found in template.body["containerDefinitions"]]
    ours = _container(containers, slot.container, template.arn)
    ours["image"] = image
    ours["environment"] = _environment(ours, variables(manifest, release, placement, colour))
    tags = {RELEASE_TAG: release.id, TEMPLATE_TAG: template.arn}
    return {
        **template.body,
        "family": slot.task_family,
        "containerDefinitions": containers,
        "tags": [{"key": key, "value": value} for key, value in tags.items()],
    }


def variables(manifest: Manifest, release: Release, placement: Placement, colour: Colour) -> dict[str, str]:
    content = release.content
    values = (
        release.id,
        str(colour),
        str(placement.model_colour),
        manifest.vllm_urls[placement.model_colour],
        content.model,
        content.revision,
        content.profile,
        f"{manifest.policy.stream_limit_seconds:g}",
    )
    return dict(zip(VARIABLES, values, strict=True))


def running(definition: Definition, container: str) -> Running | None:
    """None for a definition that no release made: the template's own, which a fresh environment starts with."""
    ours = _container([dict(found) for found in definition.body["containerDefinitions"]], container, definition.arn)
    said = {entry["name"]: entry["value"] for entry in ours.get("environment", ())}
    if VARIABLES[0] not in said:
        return None
    digest = str(ours["image"]).partition("@")[2]
    if not digest:
        raise Refused(f"{definition.arn} runs {ours['image']}, an image without digest: deploy a release over it")
    return Running(
        release=said["SWITCHYARD_RELEASE"],
        model_colour=Colour(said["SWITCHYARD_MODEL_COLOUR"]),
        digest=digest,
        model=said["SWITCHYARD_MODEL"],
        revision=said["SWITCHYARD_MODEL_REVISION"],
        profile=said["SWITCHYARD_PROFILE"],
    )


def content(api: Running, vllm: Running) -> Content:
    """What the pair of an API colour and the vLLM colour that it calls is made of."""
    return Content(api.digest, vllm.digest, vllm.model, vllm.revision, vllm.profile)


def gpus_per_task(template: Definition) -> int:
    wanted = [
        int(need["value"])
        for found in template.body["containerDefinitions"]
        for need in found.get("resourceRequirements", ())
        if need["type"] == "GPU"
    ]
    return sum(wanted)


def _environment(container: Mapping[str, Any], ours: Mapping[str, str]) -> list[dict[str, str]]:
    theirs = [entry for entry in container.get("environment", ()) if entry["name"] not in ours]
    return [*theirs, *({"name": name, "value": value} for name, value in ours.items())]


def _container(containers: list[dict[str, Any]], name: str, arn: str) -> dict[str, Any]:
    found = next((container for container in containers if container["name"] == name), None)
    if found is None:
        raise Refused(f"task definition {arn} has no container {name!r}: run `pulumi up`")
    return found
