"""The tables of a task, open: DynamoDB's where it was told of them, else its own memory."""

from dataclasses import dataclass

from gateway.settings import CachePolicy, Settings
from gateway.tables.memory import MemoryTable
from gateway.tables.table import Table


@dataclass(frozen=True)
class OpenTables:
    """`ledger` and `keys` are None where there are none to read: nobody writes to a task's memory."""

    ledger: Table | None
    keys: Table | None
    cache: Table
    usage: Table

    def close(self) -> None:
        for table in (self.ledger, self.keys, self.cache, self.usage):
            if table is not None:
                table.close()


def open_tables(settings: Settings) -> OpenTables:
    """Asks for nothing yet."""
    names = settings.tables
    if names is None:
        return OpenTables(None, None, MemoryTable((settings.cache or CachePolicy()).entries), MemoryTable())
    # Here, because loading the SDK is most of what a gateway without tables would need to start.
    from gateway.tables.client import DynamoClient
    from gateway.tables.dynamo import DynamoTable

    client = DynamoClient(names.region)
    return OpenTables(
        ledger=DynamoTable(client, names.ledger, threads=1),
        keys=DynamoTable(client, names.keys, threads=1),
        cache=DynamoTable(client, names.cache, threads=8),
        usage=DynamoTable(client, names.usage, threads=4),
    )
