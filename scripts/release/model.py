"""Releases and where they are. Immutable values; nothing here reads or writes."""

import re
import secrets
from dataclasses import dataclass, replace
from datetime import datetime

from scripts.errors import Refused
from stacks.naming import Colour

_DIGEST = re.compile(r"sha256:[0-9a-f]{64}")
_PROFILE = re.compile(r"[a-z0-9][a-z0-9._-]*")
FULL_WEIGHT = 100


@dataclass(frozen=True)
class Content:
    """What a release is made of."""

    api_image: str
    vllm_image: str
    model: str
    revision: str
    profile: str

    def same_inference(self, other: "Content") -> bool:
        """Whether a running vLLM of `other` can serve this release too."""
        return replace(self, api_image="") == replace(other, api_image="")

    @property
    def pinned_model(self) -> str:
        return f"{self.model}@{self.revision}"

    @property
    def short(self) -> str:
        return f"{self.pinned_model} ({self.profile}), API {_short(self.api_image)}, vLLM {_short(self.vllm_image)}"


@dataclass(frozen=True)
class Release:
    """One immutable record: what, who, when, why, and which alarms were overridden."""

    id: str
    content: Content
    who: str
    at: str
    why: str
    despite: tuple[str, ...] = ()
    because: str = ""


@dataclass(frozen=True)
class Placement:
    """Where a release is: its API colour, and the vLLM colour that this API calls."""

    release: str
    colour: Colour
    model_colour: Colour


@dataclass(frozen=True)
class Change:
    """What the operator asks for; None stays as on the live release."""

    api_image: str | None = None
    vllm_image: str | None = None
    model: str | None = None
    revision: str | None = None
    profile: str | None = None

    @property
    def missing(self) -> list[str]:
        """Flags that a first release needs besides those given."""
        flags = {"--api-image": self.api_image, "--vllm-image": self.vllm_image}
        flags |= {"--model": self.model, "--profile": self.profile}
        return [flag for flag, value in flags.items() if value is None]

    def applied_to(self, live: Content) -> Content:
        return replace(live, **{name: value for name, value in vars(self).items() if value is not None})

    def complete(self) -> Content:
        return self.applied_to(Content("", "", "", "", ""))


def change(api_image: str | None, vllm_image: str | None, model: str | None, profile: str | None) -> Change:
    """The command line's strings as a change. Raises Refused."""
    name, revision = _model(model) if model is not None else (None, None)
    if profile is not None and not _PROFILE.fullmatch(profile):
        raise Refused(f"--profile: expected lower-case letters, digits, dots and dashes, found {profile!r}")
    asked = Change(_digest("api", api_image), _digest("vllm", vllm_image), name, revision, profile)
    if asked == Change():
        raise Refused("nothing to release: give --api-image, --vllm-image, --model or --profile")
    return asked


def release_id(at: datetime) -> str:
    """Sorts by time; the tail tells two releases of one second apart."""
    return f"r-{at:%Y%m%d-%H%M%S}-{secrets.token_hex(2)}"


def _digest(part: str, value: str | None) -> str | None:
    if value is not None and not _DIGEST.fullmatch(value):
        raise Refused(f"--{part}-image: expected a full digest sha256:<64 hex digits>, found {value!r}")
    return value


def _model(value: str) -> tuple[str, str]:
    name, _, revision = value.rpartition("@")
    if not name or not revision:
        raise Refused(f"--model: expected NAME@REVISION, found {value!r}")
    return name, revision


def _short(digest: str) -> str:
    return digest.removeprefix("sha256:")[:12]
