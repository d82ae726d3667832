"""An item either says what a key may do, or the key is not known."""

from decimal import Decimal

import pytest
from gateway.keys.key import Key, read_keys
from gateway.tables.table import Item

DIGEST = "ab" * 32
PLAIN: Item = {
    "pk": "key",
    "sk": DIGEST,
    "name": "alice",
    "created_at": "2026-11-25T00:00:00+00:00",
    "created_by": "ana",
}


def test_a_key_without_limits() -> None:
    assert read_keys([PLAIN]) == ({bytes.fromhex(DIGEST): Key("alice")}, {})


def test_a_key_with_all_limits() -> None:
    item: Item = {
        **PLAIN,
        "requests_per_minute": 60,
        "tokens_per_minute": 10_000,
        "monthly_budget_usd": "12.50",
        "models": ["org/model", "resume"],
        "external_fallback": "never",
    }
    (key,) = read_keys([item])[0].values()
    assert key == Key(
        "alice", 60, 10_000, Decimal("12.50"), frozenset({"org/model", "resume"}), external_fallback=False
    )
    assert key.monthly_budget_nano_usd == 12_500_000_000


def test_a_revoked_key_is_not_known_and_not_a_problem() -> None:
    assert read_keys([{**PLAIN, "revoked_at": "2026-11-25T00:00:00+00:00"}]) == ({}, {})


def test_what_this_release_does_not_know_is_left_alone() -> None:
    assert len(read_keys([{**PLAIN, "team": "search", "burst": 3}])[0]) == 1


@pytest.mark.parametrize(
    "changes",
    [
        {"name": ""},
        {"name": None},
        {"sk": "abc"},
        {"requests_per_minute": 0},
        {"requests_per_minute": "60"},
        {"tokens_per_minute": 0.5},
        {"monthly_budget_usd": "much"},
        {"monthly_budget_usd": "NaN"},
        {"monthly_budget_usd": "-1"},
        {"models": "org/model"},
        {"external_fallback": "sometimes"},
    ],
)
def test_an_item_that_cannot_be_read_gives_no_access_and_harms_no_other(changes: Item) -> None:
    other = "cd" * 32
    keys, problems = read_keys([{**PLAIN, **changes}, {**PLAIN, "sk": other, "name": "bob"}])
    assert keys == {bytes.fromhex(other): Key("bob")}
    assert list(problems) == [changes.get("sk", DIGEST)]
