"""The SDK's descriptions of AWS's services, read faster: that is half of what it takes to make a client.

botocore puts them into OrderedDicts, which keeps the parser of JSON from its fast path, and opens the folder of each
of its four hundred services to learn whether one of them is there.
"""

import gzip
import json
import os
from pathlib import Path
from typing import Any

from botocore.loaders import JSONFileLoader, Loader, instance_cache
from botocore.session import Session

_OPENED = ((".json.gz", gzip.open), (".json", open))


def read_fast(session: Session) -> Session:
    """The same session, whose clients are made from models that were read by this module."""
    own = session.get_config_variable("data_path") or ""
    folders = [os.path.expandvars(Path(folder).expanduser()) for folder in own.split(os.pathsep) if folder]
    session.register_component("data_loader", _Models(extra_search_paths=folders, file_loader=_Files()))
    return session


class _Files(JSONFileLoader):  # type: ignore[misc]
    """A dict keeps its order too."""

    def load_file(self, file_path: str) -> Any:
        """None where there is no such file."""
        for ending, opened in _OPENED:
            if Path(file_path + ending).is_file():
                with opened(file_path + ending, "rb") as file:
                    return json.loads(file.read())
        return None


class _Models(Loader):  # type: ignore[misc]
    """A service is known by its folder; whether the file in it is there is asked when it is read."""

    @instance_cache  # type: ignore[untyped-decorator]
    def list_available_services(self, type_name: str) -> list[str]:
        found = [entry.name for path in self.search_paths for entry in _entries(Path(path)) if entry.is_dir()]
        return sorted(found)


def _entries(folder: Path) -> list[Path]:
    return [*folder.iterdir()] if folder.is_dir() else []
