"""The four tables: paid by use, recoverable, encrypted, protected; two of them forget."""

from tests.stacks.declared import Program


def test_tables_are_paid_by_use_encrypted_with_the_accounts_key_and_hard_to_delete(program: Program) -> None:
    tables = program.of("Table")
    assert {found.name for found in tables} == {f"state-{which}" for which in ("ledger", "keys", "cache", "usage")}
    for table in tables:
        assert (table.inputs["hashKey"], table.inputs["rangeKey"]) == ("pk", "sk")
        assert table.inputs["billingMode"] == "PAY_PER_REQUEST"
        assert table.inputs["serverSideEncryption"] == {"enabled": True}
        assert table.inputs["pointInTimeRecovery"] == {"enabled": True}
        assert table.inputs["deletionProtectionEnabled"] is True and table.protect


def test_only_what_may_be_lost_forgets(program: Program) -> None:
    """Releases, the lock and keys never expire."""
    expiry = {table.name: table.inputs.get("ttl") for table in program.of("Table")}
    forgets = {"attributeName": "expires_at", "enabled": True}
    assert expiry == {"state-ledger": None, "state-keys": None, "state-cache": forgets, "state-usage": forgets}
