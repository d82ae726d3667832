"""What a gateway task calls with the credentials that the rehearsal gives it, its role allows, and no more."""

import asyncio
from collections.abc import Iterator

import pytest
from botocore.session import Session
from gateway.tables.client import DynamoClient
from gateway.tables.dynamo import DynamoTable

from rehearsal.cloud import permissions
from rehearsal.cloud.backends import ACCOUNT_ID
from rehearsal.cloud.server import Cloud
from rehearsal.ecs.credentials import of_roles
from scripts.aws.clients import Clients
from stacks.accounts import Account
from stacks.naming import Names
from stacks.policies.statements import document
from stacks.policies.tasks import LIVE_PARTITION, TableArns, gateway
from tests.scripts.moto_environment import make_table

REGION = "us-east-1"
NAMES = Names("rehearsal")
ACCOUNT = Account("aws", REGION, ACCOUNT_ID)
TABLES = ("ledger", "keys", "cache", "usage")
ARNS = TableArns(**{which: ACCOUNT.arn("dynamodb", f"table/{NAMES.table(which)}") for which in TABLES})


@pytest.fixture
def cloud(monkeypatch: pytest.MonkeyPatch) -> Iterator[Cloud]:
    made = Cloud(REGION)
    made.start()
    session = Session()
    session.set_credentials("owner", "rehearsal")
    for which in TABLES:
        make_table(Clients(session, REGION, made.endpoint_url), NAMES.table(which))
    role = ACCOUNT.global_arn("iam", f"role/{NAMES.role('api-task')}")
    for name, value in of_roles(made.endpoint_url, NAMES.role(""))(role).items():
        monkeypatch.setenv(name, value)
    yield made
    made.stop()


async def use() -> None:
    client = DynamoClient(REGION, timeout_seconds=10)
    ledger, keys, cache, usage = (DynamoTable(client, NAMES.table(which), seconds=10) for which in TABLES)
    await ledger.get(LIVE_PARTITION, "current")
    await keys.query("key")
    await cache.put([{"pk": "a", "sk": "answer", "body": b"x", "expires_at": 1}])
    await cache.get("a", "answer")
    await usage.query("switch")
    await usage.add("minute#1", "key#app", {"requests": 1}, 1)
    await usage.put([{"pk": "task", "sk": "r-1", "at": 1.5}])
    await usage.delete("task", "r-1")
    for table in (ledger, keys, cache, usage):
        table.close()


def test_the_gateways_role_is_what_its_tables_need(cloud: Cloud) -> None:
    asyncio.run(use())
    found = permissions.check(cloud.calls.needs("api-task"), [document(gateway(ARNS))])
    assert (found.denied, found.unused) == ((), ())


def test_what_the_role_does_not_say_would_be_found(cloud: Cloud) -> None:
    async def write_a_key() -> None:
        await DynamoTable(DynamoClient(REGION, timeout_seconds=10), NAMES.table("keys"), seconds=10).put(
            [{"pk": "key", "sk": "x"}]
        )

    asyncio.run(write_a_key())
    found = permissions.check(cloud.calls.needs("api-task"), [document(gateway(ARNS))])
    assert found.denied == (f"dynamodb:BatchWriteItem on {ARNS.keys}",)
