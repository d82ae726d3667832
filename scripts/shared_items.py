"""Items that the operator's tasks and the gateway's tasks both read and write, in the tables `keys` and `usage`.

Owns how a write says what it wants. What the items mean is in scripts/keys/ and scripts/switches/, and on the other
side in app_image/gateway; `tests/contracts/test_shared_tables.py` holds both to one format.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from scripts.aws.model import Call

Record = Mapping[str, Any]
Value = str | int | tuple[str, ...]


@dataclass(frozen=True)
class Write:
    """Attributes to set; None removes one. `absent`: only where that attribute is not there; `rises`: only where that
    number is not there or lower than the one to be set."""

    pk: str
    sk: str
    values: Mapping[str, Value | None]
    absent: str | None = None
    rises: str | None = None


class Shared(Protocol):
    """One table; see scripts.aws.shared_table."""

    def query(self, pk: str) -> list[Record]: ...
    def write(self, write: Write) -> None: ...
    def call(self, write: Write) -> Call: ...
