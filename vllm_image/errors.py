"""Why the container refuses to start. Each message says what is wrong, with which value, and what to do."""

from collections.abc import Sequence


class LaunchError(Exception):
    """Base of everything that ends the container before vLLM runs."""


class ProfileInvalid(LaunchError):
    """The profile does not exist, or its settings are unknown, out of range or contradict each other."""


class SettingsInvalid(LaunchError):
    """The container's environment is incomplete or contradicts itself."""


class ModelNotStaged(LaunchError):
    """The model's folder did not reach this host in time, and downloading at start is not allowed."""


class VllmMissing(LaunchError):
    """There is no executable `vllm` on PATH."""


class AddressTaken(LaunchError):
    """The ready port cannot be opened."""


def listed(subject: str, problems: Sequence[str]) -> str:
    """One message for all problems, so that the second is not found only after the first is repaired."""
    return "\n".join([f"{subject}: {len(problems)} problem(s)", *(f"  {problem}" for problem in problems)])
