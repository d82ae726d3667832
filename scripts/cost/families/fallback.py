"""The requests that OpenAI answers: no resource of AWS, and easily the largest line of a month."""

from scripts.cost.assumptions import Assumptions
from scripts.cost.family import Family
from scripts.cost.model import Used
from scripts.cost.scene import Scene, containers

_VARIABLE = "SWITCHYARD_EXTERNAL_FALLBACK"
_MILLION = 1e6


def _uses(scene: Scene, month: Assumptions) -> list[Used]:
    if not _allowed(scene):
        return []
    requests = month.requests_per_month * month.fallback_share
    return [
        Used(
            "prompts to OpenAI", "openai.input", requests * month.tokens_in / _MILLION, "--fallback-share, --tokens-in"
        ),
        Used(
            "answers of OpenAI",
            "openai.output",
            requests * month.tokens_out / _MILLION,
            "--fallback-share, --tokens-out",
        ),
    ]


def _allowed(scene: Scene) -> bool:
    """As the gateway's own template says."""
    found = [
        variable
        for definition in scene.program.of("TaskDefinition")
        for container in containers(definition)
        for variable in container.get("environment", [])
    ]
    return {"name": _VARIABLE, "value": "allow"} in found


FAMILY = Family("fallback", frozenset(), lambda _: (), _uses)
