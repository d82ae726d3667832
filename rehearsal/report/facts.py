"""What the report says besides the traffic. Collected by the one who ran the rehearsal, not here."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Machine:
    """Where it ran. What was not measured is None."""

    cores: int
    memory_mb: int
    python: str
    kernel: str
    peak_memory_mb: float | None = None
    install_seconds: float | None = None
    rehearsal_seconds: float | None = None


@dataclass(frozen=True)
class Resources:
    """`accepted_only` are the types that the program declares and the rehearsal cannot make real."""

    realised: int
    accepted_only: tuple[str, ...]


@dataclass(frozen=True)
class Permissions:
    """AWS actions that one role's tasks called without being allowed, or were allowed and never called."""

    role: str
    denied: tuple[str, ...]
    unused: tuple[str, ...]


@dataclass(frozen=True)
class Fallback:
    """What OpenAI answered while the story kept vLLM away for `seconds`, as the gateway's own metrics have it.

    `usd` is by OpenAI's list price; `gpu_usd_per_hour` is what the hosts cost that it stood in for.
    """

    seconds: float
    requests: int
    prompt_tokens: int
    completion_tokens: int
    usd: float
    gpu_usd_per_hour: float

    @property
    def usd_per_hour(self) -> float:
        """At the rate of these seconds."""
        return self.usd / self.seconds * 3600 if self.seconds > 0 else 0.0


@dataclass(frozen=True)
class ReportFacts:
    """`story` names what was played; `not_proven` are sentences about what this run says nothing of."""

    story: str
    resources: Resources
    permissions: tuple[Permissions, ...]
    not_proven: tuple[str, ...]
    machine: Machine
    fallback: Fallback | None = None

    @property
    def denied(self) -> list[tuple[str, str]]:
        """Role and action, of all that were called without being allowed."""
        return [(found.role, action) for found in self.permissions for action in found.denied]
