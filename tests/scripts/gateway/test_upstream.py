"""Which model the gateway offers, by what the server says."""

import asyncio

import pytest

from scripts.errors import Refused
from scripts.gateway.upstream import Unanswered, model, served
from tests.scripts.gateway.server import Server, serving

URL = "http://gpu:8000"


def offered(asked: str | None, found: tuple[str, ...] | None) -> tuple[str, list[str]]:
    """The model, and the warnings. `found` None: the server does not answer."""
    warnings: list[str] = []

    def ask(url: str) -> tuple[str, ...]:
        if found is None:
            raise Unanswered(f"GET {url}: Connection refused")
        return found

    return model(URL, asked, ask, warnings.append), warnings


def test_a_server_of_one_model_needs_no_name() -> None:
    assert offered(None, ("tiny",)) == ("tiny", [])


@pytest.mark.parametrize("found", [(), ("a", "b")])
def test_of_several_models_one_must_be_named(found: tuple[str, ...]) -> None:
    with pytest.raises(Refused, match="--model NAME"):
        offered(None, found)


def test_a_name_that_the_server_does_not_know_is_only_warned_of() -> None:
    chosen, (warning,) = offered("alias", ("tiny",))
    assert chosen == "alias" and "serves tiny, not alias" in warning


def test_a_server_that_may_come_later_is_waited_for_only_under_a_name() -> None:
    chosen, (warning,) = offered("tiny", None)
    assert chosen == "tiny" and "answered 503 until it answers" in warning
    with pytest.raises(Refused, match="is the server started"):
        offered(None, None)


async def test_what_is_served_is_what_the_server_lists() -> None:
    async with serving(Server(listed=("a", "b"))) as server:
        assert await asyncio.to_thread(served, server.url) == ("a", "b")


@pytest.mark.parametrize(("key", "why"), [(None, "a key; set it as"), ("sk-old", "another key than")])
async def test_a_server_that_wants_a_key_is_refused_with_the_variable_that_brings_it(key: str | None, why: str) -> None:
    async with serving(Server(status=401)) as server:
        with pytest.raises(Refused, match=f"it wants {why} .VLLM_API_KEY") as refused:
            await asyncio.to_thread(served, server.url, key)
    assert "sk-old" not in str(refused.value)


@pytest.mark.parametrize("body", [b"<html>", b"[]", b'{"data": 1}', b'{"data": [{}]}'])
async def test_what_is_no_list_of_models_is_no_answer(body: bytes) -> None:
    async with serving(Server(body=body)) as server:
        with pytest.raises(Unanswered, match="no list of models"):
            await asyncio.to_thread(served, server.url)


async def test_an_error_is_no_answer() -> None:
    async with serving(Server(status=404)) as server:
        with pytest.raises(Unanswered, match="answered 404"):
            await asyncio.to_thread(served, server.url)


def test_a_closed_port_is_no_answer_in_words_of_the_system() -> None:
    with pytest.raises(Unanswered, match=r"models: Connection refused$"):
        served("http://127.0.0.1:1")
