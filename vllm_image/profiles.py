"""Profiles: how vLLM is tuned for one kind of work, as TOML files beside this module.

This module owns the schema and its checks. It does not know vLLM's flags (arguments.py) nor the
container's environment (settings.py).
"""

import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

from vllm_image.errors import ProfileInvalid, listed

FOLDER = Path(__file__).resolve().parent / "profiles"


class GenerationConfig(StrEnum):
    """Whose sampling defaults apply when a client sends none."""

    NEUTRAL = "vllm"
    OF_THE_MODEL = "auto"


@dataclass(frozen=True)
class Profile:
    """One profile. Every field but the last is required, so that a file shows all that is set."""

    name: str
    description: str
    model: str
    gpu: str
    tensor_parallel_size: int
    max_model_length_tokens: int
    gpu_memory_share: float
    max_running_requests: int
    max_in_flight_requests: int
    max_batched_tokens: int
    cudagraph_capture_sizes: tuple[int, ...]
    generation_config: GenerationConfig
    sse_keep_alive_interval_seconds: int
    shutdown_timeout_seconds: int | None = None


def load(name: str, folder: Path = FOLDER) -> Profile:
    """Read and check `<folder>/<name>.toml`.

    Raises ProfileInvalid with every problem at once.
    """
    path = folder / f"{name}.toml"
    known = sorted(file.stem for file in folder.glob("*.toml"))
    if name not in known:
        raise ProfileInvalid(f"profile {name!r}: expected one of {', '.join(known) or '(no profile in this image)'}")
    try:
        values = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ProfileInvalid(f"{path.name}: not TOML: {error}") from error
    return from_values(name, values)


def from_values(name: str, values: Mapping[str, Any]) -> Profile:
    """Build a profile from parsed TOML.

    Raises ProfileInvalid with every problem at once.
    """
    problems = [*_unknown(values), *_missing(values), *_wrong(values)]
    if not problems:
        problems = _contradictions(values)
    if problems:
        raise ProfileInvalid(listed(f"{name}.toml", problems))
    return Profile(
        **{
            **values,
            "name": name,
            "gpu_memory_share": float(values["gpu_memory_share"]),
            "cudagraph_capture_sizes": tuple(values["cudagraph_capture_sizes"]),
            "generation_config": GenerationConfig(values["generation_config"]),
        }
    )


def problem_with(key: str, value: Any) -> str | None:
    """What is wrong with one setting, or None. settings.py asks it about values that override a profile's."""
    rule = _RULES[key]
    return None if rule.accepts(value) else f"{value!r}, expected {rule.expected}"


@dataclass(frozen=True)
class _Rule:
    accepts: Callable[[Any], bool]
    expected: str


def _is_text(value: Any) -> bool:
    return isinstance(value, str) and bool(value.strip())


def _is_share(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and 0.1 <= value <= 0.95


def _is_ascending(value: Any) -> bool:
    return (
        isinstance(value, list)
        and bool(value)
        and all(type(size) is int and size > 0 for size in value)
        and value == sorted(set(value))
    )


def _whole(at_least: int, at_most: int, unit: str) -> _Rule:
    return _Rule(
        lambda value: type(value) is int and at_least <= value <= at_most,
        f"a whole number of {unit} from {at_least} to {at_most}",
    )


_TEXT = _Rule(_is_text, "a text that is not empty")
_RULES: Mapping[str, _Rule] = {
    "description": _TEXT,
    "model": _TEXT,
    "gpu": _TEXT,
    "tensor_parallel_size": _whole(1, 8, "GPUs"),
    "max_model_length_tokens": _whole(256, 131_072, "tokens"),
    "gpu_memory_share": _Rule(_is_share, "a number from 0.1 to 0.95 (the rest of the GPU is not vLLM's)"),
    "max_running_requests": _whole(1, 1024, "requests"),
    "max_in_flight_requests": _whole(1, 8192, "requests"),
    "max_batched_tokens": _whole(1, 131_072, "tokens"),
    "cudagraph_capture_sizes": _Rule(_is_ascending, "a list of ascending whole numbers above 0"),
    "generation_config": _Rule(
        lambda value: value in [str(choice) for choice in GenerationConfig], "one of vllm, auto"
    ),
    "sse_keep_alive_interval_seconds": _whole(1, 300, "seconds"),
    "shutdown_timeout_seconds": _whole(1, 3600, "seconds"),
}
_OPTIONAL = {"shutdown_timeout_seconds"}


def _unknown(values: Mapping[str, Any]) -> list[str]:
    return [
        f"{key}: {value!r}, expected no such setting (known: {', '.join(_RULES)})"
        for key, value in values.items()
        if key not in _RULES
    ]


def _missing(values: Mapping[str, Any]) -> list[str]:
    return [
        f"{key}: missing, expected {rule.expected}"
        for key, rule in _RULES.items()
        if key not in values and key not in _OPTIONAL
    ]


def _wrong(values: Mapping[str, Any]) -> list[str]:
    found = {key: problem_with(key, value) for key, value in values.items() if key in _RULES}
    return [f"{key}: {problem}" for key, problem in found.items() if problem]


def _contradictions(values: Mapping[str, Any]) -> list[str]:
    running = values["max_running_requests"]
    problems = []
    if values["max_in_flight_requests"] < running:
        problems.append(
            f"max_in_flight_requests: {values['max_in_flight_requests']}, expected at least "
            f"max_running_requests ({running}): it counts running and waiting together"
        )
    if values["max_batched_tokens"] < running:
        problems.append(
            f"max_batched_tokens: {values['max_batched_tokens']}, expected at least "
            f"max_running_requests ({running}): every running request needs one token a step"
        )
    if values["cudagraph_capture_sizes"][-1] > running:
        problems.append(
            f"cudagraph_capture_sizes: largest is {values['cudagraph_capture_sizes'][-1]}, expected at most "
            f"max_running_requests ({running}): a larger graph is captured at each start and never used"
        )
    return problems
