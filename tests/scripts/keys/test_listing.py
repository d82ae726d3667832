"""What is shown of keys and their use: enough to decide, and no digest in full."""

from datetime import UTC, datetime

import pytest

from scripts.keys import client_key, use
from scripts.keys.client_key import ClientKey, Limits
from scripts.keys.listing import Listing
from scripts.keys.use import Use
from stacks.external_fallback import ExternalFallback

DIGEST = client_key.digest("sk-sy-example")
LIMITED = Limits(60, 10_000, "50", ("resume", "fast"), ExternalFallback.NEVER)
KEY = ClientKey("app", DIGEST, "2026-11-01T00:00:00Z", "arn:ana", LIMITED)
COUNTERS = [
    {"sk": "key#app#vllm#org/resume#2", "requests": 3, "prompt_tokens": 2100, "completion_tokens": 300, "nano_usd": 0},
    {
        "sk": "key#app#openai#gpt-4o",
        "requests": 1,
        "prompt_tokens": 700,
        "completion_tokens": 100,
        "nano_usd": 2_750_000,
    },
    {"sk": "key#traffic#vllm#resume", "requests": 5, "prompt_tokens": 1, "completion_tokens": 1, "nano_usd": 0},
    {"sk": "total#key#app", "nano_usd": 2_750_000},
    {"sk": "total#tier#openai", "nano_usd": 2_750_000},
]
FOUND = Listing("staging", "2026-11", (KEY,), use.by_key(COUNTERS))


def test_a_months_use_is_summed_over_tiers_and_models_and_no_total_counts_twice() -> None:
    assert use.by_key(COUNTERS)["app"] == Use(4, 2800, 400, 2_750_000)
    assert set(use.by_key(COUNTERS)) == {"app", "traffic"}


def test_the_month_is_of_utc() -> None:
    assert use.partition(datetime(2026, 11, 30, 23, 59, tzinfo=UTC)) == "month#2026-11"


def test_a_key_is_shown_with_its_limits_and_its_use_and_never_with_its_whole_digest() -> None:
    assert "app  valid" in FOUND.text
    assert "60 requests a minute; 10,000 tokens a minute; $50 a month; only resume, fast; never to OpenAI" in FOUND.text
    assert "2026-11: 4 requests, 3,200 tokens, $0.00" in FOUND.text
    for shown in (FOUND.text, repr(FOUND.body)):
        assert DIGEST not in shown and DIGEST[:8] in shown


def test_clients_of_the_secret_that_used_something_are_not_forgotten() -> None:
    assert "traffic  (a key of the secret api-keys)" in FOUND.text
    assert [other["name"] for other in FOUND.body["others"]] == ["traffic"]


def test_a_key_without_limits_and_one_that_died_say_so() -> None:
    dead = ClientKey("old", DIGEST, "then", "arn:ana", Limits(), "2026-11-02T00:00:00Z", "arn:bob")
    text = Listing("staging", "2026-11", (dead,), {}, unreadable=2).text
    assert "old  revoked 2026-11-02T00:00:00Z by arn:bob" in text
    assert "no limits of its own" in text
    assert "2 items in the table are no keys" in text


@pytest.mark.parametrize(
    "odd", [{"requests_per_minute": "many"}, {"external_fallback": "maybe"}, {"models": 3}], ids=str
)
def test_an_item_whose_limits_say_nothing_is_no_key_because_the_gateway_takes_none_such(odd: dict[str, object]) -> None:
    good = {"sk": DIGEST, "name": "app"}
    assert client_key.read(good) is not None
    assert client_key.read({**good, **odd}) is None


def test_an_empty_table_says_so() -> None:
    assert Listing("staging", "2026-11", (), {}).text == "no key in the table yet"
