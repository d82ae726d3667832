"""What several tasks take from the command line: its closed sets, and the flags that describe a release."""

from enum import StrEnum
from typing import TYPE_CHECKING

from scripts.errors import WrongUsage

if TYPE_CHECKING:
    from scripts.release.preflight import Override

RELEASE_HELP = {
    "api_image": "sha256:… of the API image (default: as live)",
    "vllm_image": "sha256:… of the vLLM image (default: as live)",
    "model": "NAME@REVISION (default: as live)",
    "profile": "vLLM profile (default: as live)",
    "reason": "why, for the history",
    "despite": "alarm to override, may be repeated",
    "because": "why the alarms are overridden",
}


class Side(StrEnum):
    """A colour by what it is now; the tasks resolve it."""

    LIVE = "live"
    IDLE = "idle"


def overridden(despite: list[str] | None, because: str | None) -> "Override":
    """--despite and --because belong together."""
    from scripts.release.preflight import Override

    if bool(despite) != (because is not None):
        raise WrongUsage("--despite ALARM and --because TEXT belong together")
    return Override(tuple(despite or ()), because or "")
