"""The ledger table: four operations on items of strings and whole numbers, all reads strongly consistent.

The SDK may repeat these writes: none of them harms when made twice (lock.py takes care of the one that would).
"""

from collections.abc import Mapping
from typing import Any

from scripts.aws.clients import Clients
from scripts.aws.failures import translated

Item = dict[str, str | int]
_TYPES = {"S": str, "N": int}


class DynamoTable:
    """Conditions are equalities: `None` means that the attribute must not be there."""

    def __init__(self, clients: Clients, name: str) -> None:
        self._clients = clients
        self._name = name

    def get(self, pk: str, sk: str) -> Item | None:
        with translated("dynamodb", "GetItem"):
            found = self._clients.read("dynamodb").get_item(
                TableName=self._name, Key=_marshalled({"pk": pk, "sk": sk}), ConsistentRead=True
            )
        return _item(found["Item"]) if "Item" in found else None

    def put(self, item: Mapping[str, str | int]) -> None:
        with translated("dynamodb", "PutItem"):
            self._clients.read("dynamodb").put_item(TableName=self._name, Item=_marshalled(item))

    def update(
        self,
        pk: str,
        sk: str,
        values: Mapping[str, str | int | None],
        *,
        add: Mapping[str, int] | None = None,
        only_if: Mapping[str, str | int | None] | None = None,
        hasty: bool = False,
    ) -> Item:
        """Set (None removes), add, and answer the whole item as it is now. Raises ConditionFailed."""
        client = self._clients.hasty("dynamodb") if hasty else self._clients.read("dynamodb")
        with translated("dynamodb", "UpdateItem"):
            found = client.update_item(
                TableName=self._name,
                Key=_marshalled({"pk": pk, "sk": sk}),
                ReturnValues="ALL_NEW",
                **_expressions(values, add or {}, only_if or {}),
            )
        return _item(found["Attributes"])

    def newest(self, pk: str, limit: int, prefix: str = "") -> list[Item]:
        """Items of one partition, the largest sort key first."""
        condition, values = "#pk = :pk", {":pk": pk}
        if prefix:
            condition, values = f"{condition} AND begins_with(sk, :prefix)", {**values, ":prefix": prefix}
        with translated("dynamodb", "Query"):
            found = self._clients.read("dynamodb").query(
                TableName=self._name,
                KeyConditionExpression=condition,
                ExpressionAttributeNames={"#pk": "pk"},
                ExpressionAttributeValues=_marshalled(values),
                ScanIndexForward=False,
                ConsistentRead=True,
                Limit=limit,
            )
        return [_item(entry) for entry in found["Items"]]


def _expressions(
    values: Mapping[str, str | int | None], add: Mapping[str, int], only_if: Mapping[str, str | int | None]
) -> dict[str, Any]:
    """Names are numbered, because many good names are DynamoDB's reserved words."""
    names = {name: f"#n{index}" for index, name in enumerate(sorted({*values, *add, *only_if}))}
    kept = {k: v for k, v in values.items() if v is not None}
    required = {k: v for k, v in only_if.items() if v is not None}
    clauses = {
        "SET": [f"{names[k]} = :s{names[k][2:]}" for k in kept],
        "REMOVE": [names[k] for k in values if k not in kept],
        "ADD": [f"{names[k]} :a{names[k][2:]}" for k in add],
    }
    bound = {f":s{names[k][2:]}": v for k, v in kept.items()}
    bound |= {f":a{names[k][2:]}": v for k, v in add.items()}
    bound |= {f":c{names[k][2:]}": v for k, v in required.items()}
    conditions = [f"{names[k]} = :c{names[k][2:]}" for k in required]
    conditions += [f"attribute_not_exists({names[k]})" for k in only_if if k not in required]
    found: dict[str, Any] = {
        "UpdateExpression": " ".join(f"{verb} {', '.join(parts)}" for verb, parts in clauses.items() if parts),
        "ExpressionAttributeNames": {alias: name for name, alias in names.items()},
    }
    if bound:
        found["ExpressionAttributeValues"] = _marshalled(bound)
    if conditions:
        found["ConditionExpression"] = " AND ".join(conditions)
    return found


def _marshalled(item: Mapping[str, str | int]) -> dict[str, Any]:
    return {key: {"N": str(value)} if isinstance(value, int) else {"S": value} for key, value in item.items()}


def _item(found: Mapping[str, Mapping[str, str]]) -> Item:
    return {name: _TYPES[kind](text) for name, typed in found.items() for kind, text in typed.items()}
