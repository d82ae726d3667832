"""Tables, and the one item that the program writes."""

import json

from rehearsal.provision.registry import Declared, Realised, Registry

REGISTRY = Registry()


@REGISTRY.realises("aws:dynamodb/table:Table")
def table(declared: Declared) -> Realised:
    database, inputs = declared.aws("dynamodb"), declared.inputs
    name = inputs["name"]
    made = database.create_table(
        TableName=name,
        BillingMode=inputs["billingMode"],
        KeySchema=[
            {"AttributeName": inputs["hashKey"], "KeyType": "HASH"},
            {"AttributeName": inputs["rangeKey"], "KeyType": "RANGE"},
        ],
        AttributeDefinitions=[
            {"AttributeName": found["name"], "AttributeType": found["type"]} for found in inputs["attributes"]
        ],
        DeletionProtectionEnabled=bool(inputs.get("deletionProtectionEnabled")),
        SSESpecification={"Enabled": bool(inputs["serverSideEncryption"]["enabled"])},
        Tags=declared.tag_list(),
    )["TableDescription"]
    _recoverable(declared, name)
    _expiring(declared, name)
    outputs = {
        "arn": made["TableArn"],
        "ttl": inputs.get("ttl") or {"enabled": False},
        **declared.empty("globalSecondaryIndexes", "globalTableWitness", "readCapacity", "streamArn", "streamLabel"),
        **declared.empty("streamViewType", "warmThroughput", "writeCapacity"),
    }
    return Realised(name, outputs)


@REGISTRY.realises("aws:dynamodb/tableItem:TableItem")
def table_item(declared: Declared) -> Realised:
    inputs = declared.inputs
    item = json.loads(inputs["item"])
    declared.aws("dynamodb").put_item(TableName=inputs["tableName"], Item=item)
    hash_value, range_value = item[inputs["hashKey"]]["S"], item[inputs["rangeKey"]]["S"]
    outputs = {"hashKeyValue": hash_value, "rangeKeyValue": range_value}
    return Realised(f"{inputs['tableName']}|{hash_value}|{range_value}", outputs)


def _recoverable(declared: Declared, name: str) -> None:
    enabled = bool(declared.inputs["pointInTimeRecovery"]["enabled"])
    declared.aws("dynamodb").update_continuous_backups(
        TableName=name, PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": enabled}
    )


def _expiring(declared: Declared, name: str) -> None:
    expiry = declared.inputs.get("ttl")
    if expiry:
        specification = {"Enabled": expiry["enabled"], "AttributeName": expiry["attributeName"]}
        declared.aws("dynamodb").update_time_to_live(TableName=name, TimeToLiveSpecification=specification)
