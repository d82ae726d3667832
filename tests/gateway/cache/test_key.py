"""Which requests are the same, and which are not."""

import json
from dataclasses import replace
from typing import Any

import pytest
from gateway.cache.key import INSIGNIFICANT, Served, canonical, digest
from gateway.endpoints import TEXT
from gateway.settings import Colour, OpenAiAccount, Settings

from tests.gateway.cache.stage import REQUEST, SERVED, question


def key(served: Served = SERVED, **changes: Any) -> str:
    return digest(question(**changes), served)


def test_a_key_is_a_hash_that_tells_nothing_of_the_prompt() -> None:
    assert len(key()) == 64
    assert set(key()) <= set("0123456789abcdef")


@pytest.mark.parametrize(
    "other",
    [
        {"tenant": "another"},
        {"endpoint": TEXT},
        {"request": {"model": "smart"}},
        {"request": {"temperature": 1}},
        {"request": {"n": 2}},
        {"request": {"seed": 1}},
        {"request": {"tools": []}},
        {"request": {"messages": [{"role": "user", "content": "Ho"}]}},
        {"request": {"messages": REQUEST["messages"] * 2}},
        {"request": {"cache_salt": "secret"}},
    ],
)
def test_what_may_change_the_answer_changes_the_key(other: dict[str, Any]) -> None:
    assert key(**other) != key()


@pytest.mark.parametrize("other", [{"model": "other"}, {"revision": "0000"}])
def test_answers_of_another_model_or_revision_are_never_found(other: dict[str, str]) -> None:
    assert key(replace(SERVED, **other)) != key()


def test_a_name_that_means_another_model_now_finds_no_answer_of_the_old_one() -> None:
    asked = {"model": "smart", "request": {"model": "smart"}}
    assert key(replace(SERVED, aliases={"smart": "gpt-5"}), **asked) != key(**asked)
    assert key(replace(SERVED, aliases={"smart": "gpt-4o", "fast": "gpt-5"}), **asked) == key(**asked)


@pytest.mark.parametrize("name", sorted(INSIGNIFICANT))
def test_how_an_answer_is_carried_and_billed_does_not_count(name: str) -> None:
    assert key(request={name: {"anything": True}}) == key()


def test_a_field_that_is_null_was_not_said() -> None:
    assert key(request={"stop": None}) == key()


def test_order_and_spaces_do_not_count() -> None:
    tools = {"parameters": {"b": 1, "a": [1, 2]}, "name": "f"}
    turned = {"name": "f", "parameters": {"a": [1, 2], "b": 1}}
    one = json.dumps({**REQUEST, "tools": [tools]}).encode()
    other = json.dumps({"tools": [turned], **dict(reversed(REQUEST.items()))}, indent=1).encode()
    assert key(body=one) == key(body=other)
    assert canonical(b'{"a":[1,2]}') != canonical(b'{"a":[2,1]}')


def test_parts_do_not_run_into_each_other() -> None:
    assert key(tenant='a","/chat/completions') != key(tenant="a")
    assert digest(question(), replace(SERVED, model="a", revision="bc")) != digest(
        question(), replace(SERVED, model="ab", revision="c")
    )


@pytest.mark.parametrize("body", [b'{"temperature": 1e999}', b'{"a": "\\ud800"}', b"\xff", b"[" * 5000])
def test_what_cannot_be_read_is_the_same_only_as_itself(body: bytes) -> None:
    assert canonical(body) == body
    assert key(body=body) != key(body=body + b" ")


def test_the_key_of_a_request_stays_for_as_long_as_older_releases_wrote_it() -> None:
    """A literal: whoever changes how keys are made loses the answers of the release before."""
    assert key() == "78e4543588331795a4896d53e13c0d699b676d39205a06b3debb3a80271b6437"


def test_whose_answers_they_are_is_told_by_the_settings() -> None:
    account = OpenAiAccount("https://openai.test/v1", "gpt-4o", "sk", aliases={"smart": "gpt-4o"})
    bare = Settings("r-1", Colour.BLUE, Colour.BLUE, "resume", "http://vllm", {}, model_revision="8f2c")
    assert Served.by(replace(bare, openai=account)) == SERVED
    assert Served.by(bare) == replace(SERVED, aliases={})
