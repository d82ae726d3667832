"""docs/openapi.yaml, what there is to ask in it, and what it says of an answer's headers."""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml
from jsonschema import Draft202012Validator

from stacks.offline.settings import SafeLoader

_FILE = Path(__file__).resolve().parents[3] / "docs" / "openapi.yaml"
DOCUMENT: dict[str, Any] = yaml.load(_FILE.read_text(), Loader=SafeLoader)
OPERATIONS = {
    f"{method.upper()} {path}": told for path, item in DOCUMENT["paths"].items() for method, told in item.items()
}
WITH_INPUT = [label for label, told in OPERATIONS.items() if told.get("parameters")]
WITH_KEY = [label for label, told in OPERATIONS.items() if told.get("security") != []]

_OF_HTTP = frozenset({"date", "server", "connection", "content-length", "content-type", "transfer-encoding"})
_OF_STREAMS = frozenset({"cache-control"})


def header_problems(label: str, status: int, headers: Mapping[str, str]) -> list[str]:
    """How an answer's headers differ from the document; `label` is a key of OPERATIONS."""
    told = _resolved(OPERATIONS[label]["responses"][str(status)])["headers"]
    described = {name: _resolved(header) for name, header in told.items()}
    found = {name: value for name, value in headers.items() if name not in _OF_HTTP | _OF_STREAMS}
    return [
        *(f"{name} is not described" for name in found.keys() - described.keys()),
        *(f"{name} is missing" for name, header in described.items() if header.get("required") and name not in found),
        *_values(described, found),
    ]


def _values(described: Mapping[str, Any], found: Mapping[str, str]) -> Iterator[str]:
    for name in described.keys() & found.keys():
        schema = {"components": DOCUMENT["components"], "allOf": [described[name]["schema"]]}
        if not Draft202012Validator(schema).is_valid(found[name]):
            yield f"{name} is {found[name]!r}"


def _resolved(told: Mapping[str, Any]) -> Mapping[str, Any]:
    found: Any = DOCUMENT if "$ref" in told else told
    for part in re.findall(r"[^#/]+", told.get("$ref", "")):
        found = found[part]
    resolved: Mapping[str, Any] = found
    return resolved
