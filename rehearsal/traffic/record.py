"""One line of JSON for each request, and the file that keeps the lines.

Two lines are written for a request: one before it is sent, with `outcome` null, and one when it has ended.
The last line of an id counts, so a generator that is killed leaves every request it had begun in view.
Owns the format; says nothing about what counts as lost (judge) or how it adds up (accounting).
"""

import json
import os
from dataclasses import asdict, dataclass
from enum import StrEnum
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from rehearsal.traffic.errors import BadRecords


class Outcome(StrEnum):
    """How a request ended. A stream that began and did not end well is cut, every other failure is lost."""

    ANSWERED = "answered"
    REFUSED = "refused"
    LOST = "lost"
    CUT = "cut"


@dataclass(frozen=True)
class Record:
    """One request. `started` is in epoch seconds; without an outcome the request never ended.

    `told`: the stream broke off in the one way that a gateway may let it (judge).
    """

    id: str
    started: float
    node: str
    streaming: bool
    status: int | None = None
    outcome: Outcome | None = None
    error: str | None = None
    colour: str | None = None
    model_colour: str | None = None
    release: str | None = None
    tier: str | None = None
    first_token_ms: float | None = None
    ms: float | None = None
    told: bool = False


class RecordFile:
    """The file's writing end: appends, one write a line, so that a kill cannot mix two lines."""

    def __init__(self, path: Path) -> None:
        self._descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)

    def write(self, record: Record) -> None:
        os.write(self._descriptor, json.dumps(asdict(record)).encode() + b"\n")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        os.close(self._descriptor)


def read(path: Path) -> list[Record]:
    """All requests of a file, by start.

    An unfinished last line is what a kill leaves. It is dropped without loss: a torn end leaves the line of the
    start, and a torn start was not sent. Raises BadRecords when there is no file or another line is damaged.
    """
    try:
        *lines, _torn = path.read_bytes().split(b"\n")
    except FileNotFoundError:
        raise BadRecords(f"no traffic was recorded in {path}: start it with `python -m rehearsal.traffic`") from None
    latest = {record.id: record for record in (_parse(path, number, line) for number, line in enumerate(lines, 1))}
    return sorted(latest.values(), key=lambda record: record.started)


def _parse(path: Path, number: int, line: bytes) -> Record:
    try:
        fields: dict[str, Any] = json.loads(line)
        outcome = fields.pop("outcome")
        return Record(**fields, outcome=None if outcome is None else Outcome(outcome))
    except (ValueError, TypeError, KeyError) as error:
        raise BadRecords(f"{path}, line {number} is not a record of a request ({error}): {line[:80]!r}") from error
