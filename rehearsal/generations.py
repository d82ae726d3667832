"""The log of completed generations: one JSON line for each answer that a fake upstream wrote to its end.

It is how the report finds a request that was answered twice: the client only ever sees one of the answers.
"""

import json
import os
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from enum import StrEnum
from pathlib import Path

VARIABLE = "SWITCHYARD_GENERATIONS"


class Upstream(StrEnum):
    """Who made the answer."""

    VLLM = "vllm"
    OPENAI = "openai"


@dataclass(frozen=True)
class Generation:
    """One completed answer: its last chunk was written while the client was still there."""

    request_id: str
    upstream: Upstream
    colour: str | None
    model: str
    at: float


class GenerationLog:
    """Appends to the file named by the environment; without one it does nothing."""

    def __init__(self, path: Path | None) -> None:
        self._path = path

    @classmethod
    def of(cls, environ: Mapping[str, str]) -> "GenerationLog":
        name = environ.get(VARIABLE)
        return cls(Path(name) if name else None)

    def record(self, request_id: str, upstream: Upstream, colour: str | None, model: str) -> None:
        """Append one line in one write, so that many processes can share the file."""
        if self._path is None:
            return
        line = json.dumps(asdict(Generation(request_id, upstream, colour, model, time.time()))) + "\n"
        file = os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
        try:
            os.write(file, line.encode())
        finally:
            os.close(file)


def read(path: Path) -> list[Generation]:
    """All completed generations so far; none when nothing was completed yet."""
    if not path.exists():
        return []
    return [_generation(line) for line in path.read_text(encoding="utf-8").splitlines()]


def _generation(line: str) -> Generation:
    values = json.loads(line)
    return Generation(**{**values, "upstream": Upstream(values["upstream"])})
