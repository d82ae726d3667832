"""The four tables: ledger (releases, steps, lock, manifest), keys, cache, usage. Items are written elsewhere."""

from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from stacks.naming import Names, Table

EXPIRING = frozenset({Table.CACHE, Table.USAGE})


@dataclass(frozen=True)
class StateArgs:
    names: Names


class State(pulumi.ComponentResource):
    """On demand, recoverable to any second of the last 35 days, protected twice: by Pulumi and by DynamoDB."""

    tables: dict[Table, aws.dynamodb.Table]

    def __init__(self, name: str, args: StateArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("switchyard:index:State", name, {}, opts)
        self._stem, self._args = name, args
        self.tables = {table: self._table(table) for table in Table}
        self.register_outputs({"ledgerName": self.tables[Table.LEDGER].name})

    def _table(self, table: Table) -> aws.dynamodb.Table:
        attributes = [aws.dynamodb.TableAttributeArgs(name=key, type="S") for key in ("pk", "sk")]
        expiry = aws.dynamodb.TableTtlArgs(attribute_name="expires_at", enabled=True) if table in EXPIRING else None
        return aws.dynamodb.Table(
            f"{self._stem}-{table}",
            name=self._args.names.table(table),
            billing_mode="PAY_PER_REQUEST",
            hash_key="pk",
            range_key="sk",
            attributes=attributes,
            ttl=expiry,
            point_in_time_recovery=aws.dynamodb.TablePointInTimeRecoveryArgs(enabled=True),
            server_side_encryption=aws.dynamodb.TableServerSideEncryptionArgs(enabled=True),
            deletion_protection_enabled=True,
            opts=pulumi.ResourceOptions(parent=self, protect=True),
        )
