"""What an item of the cache must hold to be an answer, and what it is then."""

import json
import zlib
from typing import Any

import pytest
from gateway.cache.cached import Cached, headers, read, written
from gateway.cache.errors import Expired, Unreadable
from gateway.tables.table import Item

from tests.gateway.cache.stage import NO_USAGE, NOW, answer

DAY = 86_400.0
OF_THE_FIRST_RELEASE: Item = {
    "pk": "78e4543588331795a4896d53e13c0d699b676d39205a06b3debb3a80271b6437",
    "sk": "answer",
    "body": bytes.fromhex(
        "7801458f610e82300c85af82fdad06a291c413780763c81815a66525b4242684bbdb9128fbf5f6bdf7ba6e86d0c03503"
        "df39f5fd408702f61970fd42af3f7ef46c0e6ae0984c3fa2534cada2bc9cf3f518eeb9414a951165ea714d761c3c8ac1"
        "fb0c2136f83199a72c8ab816ed36c3c89404389120eaa2ae4d8e8a268ddf908877b0588db81d46aed3c0381119798618"
        "a4ab6c23b1e52c2dca032c0fb3a6ff0bd6e907ad94df1853b73477fbd2c64fc695d5d1868a7c59be7daf5cca"
    ),
    "tier": "vllm",
    "model": "resume",
    "created_at": 1_764_000_000,
    "expires_at": 1_764_086_400,
}


def item(**changes: Any) -> Item:
    return written("k", answer(), "vllm", "resume", NOW, DAY) | changes


def test_an_item_of_an_older_release_is_an_answer() -> None:
    """A literal, as that release wrote it: it is changed by nobody, only joined by newer ones."""
    found = read(OF_THE_FIRST_RELEASE, NOW + 60, DAY)
    assert (found.tier, found.model, found.age_seconds) == ("vllm", "resume", 60)
    assert json.loads(found.body)["choices"][0]["message"] == {"role": "assistant", "content": "Hello!"}


def test_what_a_later_release_adds_is_passed_over() -> None:
    later: Item = {"format": 2, "language": "en"}
    assert read(item() | later, NOW, DAY) == read(item(), NOW, DAY)


def test_an_item_needs_neither_tier_nor_model() -> None:
    bare = {name: value for name, value in item().items() if name not in ("tier", "model")}
    assert (read(bare, NOW, DAY).tier, read(bare, NOW, DAY).model) == ("", "")


def test_an_answer_is_stored_compressed_and_comes_back_whole_but_for_its_usage() -> None:
    body = answer("word " * 10_000)
    stored = written("k", body, "openai", "gpt-4o", NOW, DAY)
    assert len(bytes(stored["body"])) < len(body) / 20  # type: ignore[arg-type]
    found = read(stored, NOW, DAY)
    assert json.loads(found.body) == json.loads(body) | {"usage": NO_USAGE}
    assert (found.tier, found.model) == ("openai", "gpt-4o")


@pytest.mark.parametrize("usage", [{"usage": None}, {"usage": {"prompt_tokens": 9, "prompt_tokens_details": {}}}])
def test_whatever_an_answer_had_used_it_uses_nothing_now(usage: dict[str, Any]) -> None:
    stored = written("k", answer(**usage), "vllm", "resume", NOW, DAY)
    assert json.loads(read(stored, NOW, DAY).body)["usage"] == NO_USAGE


@pytest.mark.parametrize("age_seconds", [DAY, DAY + 1, 30 * DAY])
def test_an_answer_that_the_table_has_not_deleted_yet_expires_all_the_same(age_seconds: float) -> None:
    with pytest.raises(Expired):
        read(item(), NOW + age_seconds, DAY)


def test_the_stricter_policy_counts_the_writers_or_the_readers() -> None:
    with pytest.raises(Expired):
        read(item(), NOW + 61, 60)
    with pytest.raises(Expired):
        read(item(expires_at=int(NOW) + 60), NOW + 61, DAY)
    assert read(item(), NOW + 59, 60).age_seconds == 59


@pytest.mark.parametrize("ahead_seconds", [0.5, 3600])
def test_an_answer_from_a_clock_that_is_ahead_is_new_and_its_age_never_negative(ahead_seconds: float) -> None:
    assert read(item(), NOW - ahead_seconds, DAY).age_seconds == 0


@pytest.mark.parametrize(
    "changes",
    [
        {"body": None},
        {"body": "text"},
        {"body": b""},
        {"body": b"no zlib"},
        {"body": zlib.compress(answer())[:-5]},
        {"body": zlib.compress(b"no json")},
        {"body": zlib.compress(b'{"choices": []}')},
        {"body": zlib.compress(b'{"error": {"message": "no"}}')},
        {"body": zlib.compress(b"\xff\xfe")},
        {"created_at": None},
        {"created_at": "yesterday"},
        {"expires_at": None},
        {"expires_at": "2026-11-26"},
    ],
)
def test_what_is_not_an_answer_is_never_given_as_one(changes: dict[str, Any]) -> None:
    with pytest.raises(Unreadable):
        read(item(**changes), NOW, DAY)


def test_an_item_that_would_fill_the_memory_is_not_unpacked() -> None:
    with pytest.raises(Unreadable):
        read(item(body=zlib.compress(answer("a" * 5_000_000))), NOW, DAY)


def test_a_client_is_told_that_the_answer_is_an_old_one_and_how_old() -> None:
    assert headers(Cached(b"{}", "vllm", "resume", 75)) == ((b"age", b"75"), (b"cache-status", b"switchyard; hit"))
