"""The container's environment, read once. This module is the documentation of every variable it reads.

What the task definition says (tests/contracts/task_environment.yaml):
  SWITCHYARD_MODEL                    served name, and with the revision the model's folder; else the profile's model
  SWITCHYARD_MODEL_REVISION           pinned revision; the folder is <model>@<revision>
  SWITCHYARD_PROFILE                  profiles/<name>.toml; default resume-analysis
  SWITCHYARD_STOP_TIMEOUT_SECONDS     the container's stopTimeout; default 120
  SWITCHYARD_KEEP_ALIVE_SECONDS       idle connections stay open so long, longer than the load balancer's; default 75
  SWITCHYARD_BIND_ADDRESS             all ports of the container listen here; default 0.0.0.0 (addresses.py)

For a container started by hand. The articles' name works too; both set to different values is an error:
  SWITCHYARD_MODEL                    or MODEL_NAME
  SWITCHYARD_GPU_MEMORY_SHARE         or GPU_MEMORY, over the profile's gpu_memory_share
  SWITCHYARD_MAX_MODEL_LENGTH         or MAX_LENGTH, over the profile's max_model_length_tokens
  SWITCHYARD_MODEL_DIRECTORY          where the host stages models; default /models
  SWITCHYARD_MODEL_DOWNLOAD           refuse (default): wait for a model that is not staged; allow: fetch it at start.
                                      A start that waits for a hub is a start that a hub can prevent.

Times of readiness and liveness; the rehearsal shortens them:
  SWITCHYARD_START_ALLOWANCE_SECONDS  the model may take so long to reach the host before the container gives up,
                                      then loading so long before /live turns bad; default 1800
  SWITCHYARD_START_POLL_SECONDS       between two looks for a model, or at a loading vLLM; default 1
  SWITCHYARD_WARM_UP_TIMEOUT_SECONDS  the first completion may take so long (cold: 30 to 60 s); default 120
  SWITCHYARD_PROBE_INTERVAL_SECONDS   between two liveness completions; default 15
  SWITCHYARD_PROBE_TIMEOUT_SECONDS    one liveness completion; default 10
  SWITCHYARD_PROBE_FAILURES           failures in a row that mean vLLM hangs; default 3
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import PurePosixPath

from vllm_image import addresses, profiles
from vllm_image.errors import SettingsInvalid, listed
from vllm_image.reading import Reader

DEFAULT_PROFILE = "resume-analysis"
_MODEL = re.compile(r"[A-Za-z0-9][\w.-]*(/[A-Za-z0-9][\w.-]*)?")
_REVISION = re.compile(r"[A-Za-z0-9][\w.-]*")


class Download(StrEnum):
    """What to do about a model that is not staged on the host."""

    REFUSE = "refuse"
    ALLOW = "allow"


@dataclass(frozen=True)
class Timing:
    """When a vLLM counts as ready, and when as dead."""

    start_allowance_seconds: float = 1800.0
    start_poll_seconds: float = 1.0
    warm_up_timeout_seconds: float = 120.0
    probe_interval_seconds: float = 15.0
    probe_timeout_seconds: float = 10.0
    probe_failures: int = 3


@dataclass(frozen=True)
class Settings:
    """What the environment says, typed. None: the profile decides."""

    model: str | None
    model_revision: str | None
    profile: str
    gpu_memory_share: float | None
    max_model_length_tokens: int | None
    model_directory: PurePosixPath
    download: Download
    bind_address: str
    check_address: str
    stop_timeout_seconds: float
    keep_alive_seconds: float
    timing: Timing


def read(environ: Mapping[str, str]) -> Settings:
    """The environment as Settings.

    Raises SettingsInvalid with every problem at once.
    """
    reader = Reader(environ)
    settings = Settings(
        model=reader.matching("SWITCHYARD_MODEL", _MODEL, "a model id, like owner/name", also="MODEL_NAME"),
        model_revision=reader.matching("SWITCHYARD_MODEL_REVISION", _REVISION, "a revision, like a commit id"),
        profile=reader.text("SWITCHYARD_PROFILE") or DEFAULT_PROFILE,
        gpu_memory_share=_checked_share(reader),
        max_model_length_tokens=_checked_length(reader),
        model_directory=_directory(reader),
        download=_download(reader),
        bind_address=addresses.bind_address(environ),
        check_address=addresses.check_address(environ),
        stop_timeout_seconds=reader.seconds("SWITCHYARD_STOP_TIMEOUT_SECONDS", 120.0),
        keep_alive_seconds=reader.seconds("SWITCHYARD_KEEP_ALIVE_SECONDS", 75.0),
        timing=_timing(reader),
    )
    if reader.problems:
        raise SettingsInvalid(listed("environment", reader.problems))
    return settings


def _timing(reader: Reader) -> Timing:
    default = Timing()
    return Timing(
        start_allowance_seconds=reader.seconds("SWITCHYARD_START_ALLOWANCE_SECONDS", default.start_allowance_seconds),
        start_poll_seconds=reader.seconds("SWITCHYARD_START_POLL_SECONDS", default.start_poll_seconds),
        warm_up_timeout_seconds=reader.seconds("SWITCHYARD_WARM_UP_TIMEOUT_SECONDS", default.warm_up_timeout_seconds),
        probe_interval_seconds=reader.seconds("SWITCHYARD_PROBE_INTERVAL_SECONDS", default.probe_interval_seconds),
        probe_timeout_seconds=reader.seconds("SWITCHYARD_PROBE_TIMEOUT_SECONDS", default.probe_timeout_seconds),
        probe_failures=reader.whole("SWITCHYARD_PROBE_FAILURES") or default.probe_failures,
    )


def _checked_share(reader: Reader) -> float | None:
    name = "SWITCHYARD_GPU_MEMORY_SHARE"
    value = reader.number(name, also="GPU_MEMORY")
    return value if value is None or reader.accepted(name, profiles.problem_with("gpu_memory_share", value)) else None


def _checked_length(reader: Reader) -> int | None:
    name = "SWITCHYARD_MAX_MODEL_LENGTH"
    value = reader.whole(name, also="MAX_LENGTH")
    problem = None if value is None else profiles.problem_with("max_model_length_tokens", value)
    return value if reader.accepted(name, problem) else None


def _directory(reader: Reader) -> PurePosixPath:
    name = "SWITCHYARD_MODEL_DIRECTORY"
    path = PurePosixPath(reader.text(name) or "/models")
    reader.accepted(name, None if path.is_absolute() else f"{str(path)!r}, expected an absolute path")
    return path


def _download(reader: Reader) -> Download:
    name = "SWITCHYARD_MODEL_DOWNLOAD"
    text = reader.text(name) or Download.REFUSE
    known = text in [str(choice) for choice in Download]
    return (
        Download(text)
        if reader.accepted(name, None if known else f"{text!r}, expected refuse or allow")
        else (Download.REFUSE)
    )
