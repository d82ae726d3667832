"""A table that gateway tasks write too: whole partitions, strongly consistent, and writes of single items.

Reading is generous: an attribute of a type that no item of the kit has is left out. The SDK may repeat a write: what
each of them sets is the same twice, and whoever writes on a condition reads again where it does not hold.
"""

from collections.abc import Callable
from typing import Any

from scripts.aws.clients import Clients
from scripts.aws.failures import translated
from scripts.aws.model import Call
from scripts.shared_items import Record, Value, Write


class SharedTable:
    """One of an environment's tables, by name."""

    def __init__(self, clients: Clients, name: str) -> None:
        self._clients = clients
        self._name = name

    def query(self, pk: str) -> list[Record]:
        """Every item of a partition, by sort key."""
        with translated("dynamodb", "Query"):
            pages = self._clients.read("dynamodb").get_paginator("query")
            found = pages.paginate(
                TableName=self._name,
                KeyConditionExpression="pk = :pk",
                ExpressionAttributeValues={":pk": {"S": pk}},
                ConsistentRead=True,
            )
            return [_record(item) for page in found for item in page["Items"]]

    def write(self, write: Write) -> None:
        """Raises ConditionFailed."""
        with translated("dynamodb", "UpdateItem"):
            self._clients.read("dynamodb").update_item(**self.call(write).parameters)

    def call(self, write: Write) -> Call:
        """What `write` would send."""
        return Call("dynamodb", "UpdateItem", {"TableName": self._name, **_parameters(write)})


def _parameters(write: Write) -> dict[str, Any]:
    """Names are numbered, because many good names are DynamoDB's reserved words."""
    aliases = {name: f"#n{index}" for index, name in enumerate(write.values)}
    kept = {name: value for name, value in write.values.items() if value is not None}
    gone = [aliases[name] for name in write.values if name not in kept]
    if write.absent is not None:
        aliases.setdefault(write.absent, "#absent")
    verbs = {"SET": [f"{aliases[name]} = :{aliases[name][1:]}" for name in kept], "REMOVE": gone}
    found: dict[str, Any] = {
        "Key": {"pk": {"S": write.pk}, "sk": {"S": write.sk}},
        "UpdateExpression": " ".join(f"{verb} {', '.join(parts)}" for verb, parts in verbs.items() if parts),
        "ExpressionAttributeNames": {alias: name for name, alias in aliases.items()},
    }
    if kept:
        found["ExpressionAttributeValues"] = {f":{aliases[name][1:]}": _typed(value) for name, value in kept.items()}
    if condition := _condition(write, aliases):
        found["ConditionExpression"] = condition
    return found


def _condition(write: Write, aliases: dict[str, str]) -> str:
    if write.rises is not None:
        alias = aliases[write.rises]
        return f"attribute_not_exists({alias}) OR {alias} < :{alias[1:]}"
    return f"attribute_not_exists({aliases[write.absent]})" if write.absent is not None else ""


def _typed(value: Value) -> dict[str, Any]:
    if isinstance(value, tuple):
        return {"L": [{"S": text} for text in value]}
    return {"N": str(value)} if isinstance(value, int) else {"S": value}


def _record(item: dict[str, dict[str, Any]]) -> Record:
    pairs = ((name, *next(iter(typed.items()))) for name, typed in item.items())
    return {name: _READ[kind](value) for name, kind, value in pairs if kind in _READ}


def _number(text: str) -> int | float:
    return float(text) if set(text) & set(".eE") else int(text)


_READ: dict[str, Callable[[Any], Any]] = {
    "S": str,
    "N": _number,
    "BOOL": bool,
    "L": lambda values: tuple(value["S"] for value in values if "S" in value),
    "SS": lambda values: tuple(sorted(values)),
}
