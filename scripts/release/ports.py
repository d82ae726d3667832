"""What the engine needs of the world, as protocols: AWS, the ledger table, time, the public door, a voice.

`Site` binds them for one environment. The tests bind it to an in-process cloud and a clock that only they move.
"""

from collections.abc import Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from scripts.aws.model import (
    Alarm,
    Call,
    CapacityReservation,
    Definition,
    Group,
    Host,
    Image,
    Rule,
    Service,
    Target,
    Task,
)
from scripts.aws.table import Item
from stacks.manifest import Manifest
from stacks.naming import Colour, Part


class Cloud(Protocol):
    """One environment's AWS. Reads may be stale by STALE_READ_SECONDS."""

    @property
    def identity(self) -> str: ...
    @property
    def smoke_key(self) -> str: ...
    def write(self, call: Call) -> Mapping[str, Any]: ...
    def traffic_rule(self) -> Rule: ...
    def preview_headers(self, colour: Colour) -> dict[str, str]: ...
    def services(self) -> dict[tuple[Part, Colour], Service]: ...
    def tasks(self, part: Part, colour: Colour, stopped: bool = False) -> tuple[Task, ...]: ...
    def targets(self, part: Part, colour: Colour) -> tuple[Target, ...]: ...
    def definition(self, reference: str) -> Definition: ...
    def image(self, part: Part, digest: str) -> Image | None: ...
    def model_is_complete(self, model: str) -> bool: ...
    def hosts(self) -> tuple[Host, ...]: ...
    def group(self) -> Group: ...
    def quota_vcpus(self) -> float: ...
    def release_reservations(self, release: str) -> tuple[str, ...]: ...
    def reservations(self) -> tuple[CapacityReservation, ...]: ...
    def reservation(self, identifier: str) -> CapacityReservation | None: ...
    def ringing_alarms(self) -> tuple[Alarm, ...]: ...
    def secret_has_value(self, arn: str) -> bool: ...
    def credentials_left_seconds(self) -> float | None: ...


class Table(Protocol):
    """The ledger table; see scripts.aws.table."""

    def get(self, pk: str, sk: str) -> Item | None: ...
    def put(self, item: Mapping[str, str | int]) -> None: ...
    def update(
        self,
        pk: str,
        sk: str,
        values: Mapping[str, str | int | None],
        *,
        add: Mapping[str, int] | None = None,
        only_if: Mapping[str, str | int | None] | None = None,
        hasty: bool = False,
    ) -> Item: ...
    def newest(self, pk: str, limit: int, prefix: str = "") -> list[Item]: ...


class Clock(Protocol):
    """`boot` also counts while the machine or the process sleeps; intents are measured by it."""

    def now(self) -> datetime: ...
    def monotonic(self) -> float: ...
    def boot(self) -> float: ...
    def sleep(self, seconds: float) -> None: ...


@dataclass(frozen=True)
class Asked:
    """One HTTP request."""

    method: str
    path: str
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""


@dataclass(frozen=True)
class Answered:
    """One HTTP answer, read to its end. Header names are lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class Door(Protocol):
    """The public load balancer, address by address. Raises DoorClosed when nothing answers."""

    def addresses(self) -> tuple[str, ...]: ...
    def ask(self, address: str, asked: Asked, timeout_seconds: float) -> Answered: ...


class DoorClosed(Exception):
    """No complete answer from an address."""


class Voice(Protocol):
    """Where progress goes; see scripts.console."""

    def say(self, text: str) -> None: ...
    def warn(self, text: str) -> None: ...
    def about(self, release: str) -> None: ...
    def step(self, name: str, saying: str) -> AbstractContextManager[None]: ...
    def confirm(self, question: str, consented: bool) -> None: ...


@dataclass(frozen=True)
class Site:
    """One environment with all that acts on it. `host` names this machine and process in the lock."""

    manifest: Manifest
    cloud: Cloud
    table: Table
    clock: Clock
    door: Door
    voice: Voice
    host: str
    heartbeats: bool = True
