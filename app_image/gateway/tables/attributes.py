"""Items as DynamoDB writes them, and back.

Reading is generous, so that a later release may write what this one does not know: sets come back as lists, and an
attribute of a type that no item of the gateway has is left out.
"""

from collections.abc import Callable, Mapping
from typing import Any

from gateway.tables.table import Item, Value

Written = dict[str, Any]


def written(item: Mapping[str, Value]) -> dict[str, Written]:
    """None is left out: an attribute that is not there says the same."""
    return {name: _written(value) for name, value in item.items() if value is not None}


def read(attributes: Mapping[str, Written]) -> Item:
    pairs = ((name, *next(iter(typed.items()))) for name, typed in attributes.items())
    return {name: _READ[kind](value) for name, kind, value in pairs if kind in _READ}


def _written(value: Value) -> Written:
    match value:
        case str():
            return {"S": value}
        case bytes():
            return {"B": value}
        case list():
            return {"L": [{"S": text} for text in value]}
        case _:
            return {"N": str(value)}


def _number(text: str) -> int | float:
    try:
        return int(text)
    except ValueError:
        return float(text)


def _texts(values: list[Written]) -> list[str]:
    return [value["S"] for value in values if "S" in value]


_READ: dict[str, Callable[[Any], Value]] = {
    "S": str,
    "N": _number,
    "B": bytes,
    "L": _texts,
    "SS": sorted,
    "NULL": lambda _: None,
}
