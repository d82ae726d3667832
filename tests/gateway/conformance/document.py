"""docs/openapi.yaml, and what there is to ask in it."""

from pathlib import Path
from typing import Any

import yaml

DOCUMENT: dict[str, Any] = yaml.safe_load((Path(__file__).resolve().parents[3] / "docs" / "openapi.yaml").read_text())
OPERATIONS = {
    f"{method.upper()} {path}": told for path, item in DOCUMENT["paths"].items() for method, told in item.items()
}
WITH_INPUT = [label for label, told in OPERATIONS.items() if told.get("parameters")]
WITH_KEY = [label for label, told in OPERATIONS.items() if told.get("security") != []]
