"""`connection.json`: how a task in another terminal finds the rehearsal. Written last, removed first."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path

from rehearsal.errors import NotRunning
from rehearsal.processes import lives


@dataclass(frozen=True)
class Connection:
    """What the tasks read (scripts/environment.py reads the same file). No secret is in it."""

    endpoint_url: str
    region: str
    public_url: str
    nodes: tuple[str, ...]
    ca_file: str
    control_url: str
    pid: int
    started_at: str

    def write(self, file: Path) -> None:
        temporary = file.with_suffix(".tmp")
        temporary.write_text(json.dumps(asdict(self), indent=2) + "\n")
        temporary.replace(file)


def read(file: Path) -> Connection:
    """The running rehearsal's connection. Raises NotRunning when there is none, or its process is gone."""
    try:
        data = json.loads(file.read_text())
    except FileNotFoundError:
        raise NotRunning(f"no rehearsal runs in {file.parent}: start one with `fab rehearsal.up --detach`") from None
    connection = Connection(**{**data, "nodes": tuple(data["nodes"])})
    if not lives(connection.pid):
        raise NotRunning(
            f"the rehearsal in {file.parent} was killed (process {connection.pid} is gone): "
            "`fab rehearsal.up` clears what it left"
        )
    return connection
