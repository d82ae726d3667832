"""The manifest as this machine saw it last, for the day when the ledger does not answer. It holds no secrets."""

import os
import tempfile
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class ManifestCache:
    """One file. A cache that cannot be written or read is no error."""

    path: Path

    def read(self) -> str | None:
        try:
            return self.path.read_text()
        except OSError:
            return None

    def write(self, body: str) -> None:
        if self.read() == body:
            return
        with suppress(OSError):
            self.path.parent.mkdir(parents=True, exist_ok=True)
            handle, name = tempfile.mkstemp(dir=self.path.parent)
            with os.fdopen(handle, "w") as file:
                file.write(body)
            Path(name).replace(self.path)
