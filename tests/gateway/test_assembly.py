"""An assembled answer has all that its chunks had."""

import json
from typing import Any

from gateway.assembly import Assembler
from gateway.chunks import StreamReading
from gateway.endpoints import CHAT

from tests.gateway import speech


def test_parallel_tool_calls_are_told_apart_by_their_index() -> None:
    calls = [
        {"index": 0, "id": "a", "type": "function", "function": {"name": "one", "arguments": ""}},
        {"index": 1, "id": "b", "type": "function", "function": {"name": "two", "arguments": "{}"}},
        {"index": 0, "function": {"arguments": '{"x":1}'}},
    ]
    deltas = [{"tool_calls": [call]} for call in calls]

    message = _assemble(*deltas)["choices"][0]["message"]

    assert [(call["id"], call["function"]["arguments"]) for call in message["tool_calls"]] == [
        ("a", '{"x":1}'),
        ("b", "{}"),
    ]


def test_a_call_of_a_custom_tool_has_all_of_its_input() -> None:
    pieces = [{"id": "a", "type": "custom", "custom": {"name": "sql", "input": ""}}]
    pieces += [{"custom": {"input": said}} for said in ("SELECT", " 1")]

    message = _assemble(*({"tool_calls": [{"index": 0, **piece}]} for piece in pieces))["choices"][0]["message"]

    assert message["tool_calls"] == [{"id": "a", "type": "custom", "custom": {"name": "sql", "input": "SELECT 1"}}]


def test_the_older_function_call_has_all_of_its_arguments() -> None:
    pieces = [{"name": "f", "arguments": ""}, {"arguments": '{"x"'}, {"arguments": ":1}"}]

    message = _assemble(*({"function_call": piece} for piece in pieces))["choices"][0]["message"]

    assert message["function_call"] == {"name": "f", "arguments": '{"x":1}'}


def test_text_beside_tool_calls_is_kept() -> None:
    call = {"index": 0, "id": "a", "function": {"name": "f", "arguments": "{}"}}

    message = _assemble({"content": "I will "}, {"content": "look"}, {"tool_calls": [call]})["choices"][0]["message"]

    assert message["content"] == "I will look"


def test_reasoning_and_refusals_are_text_of_their_own() -> None:
    message = _assemble({"reasoning_content": "hm"}, {"reasoning_content": "m"}, {"refusal": "no"})["choices"][0][
        "message"
    ]

    assert (message["reasoning_content"], message["refusal"], message["content"]) == ("hmm", "no", "")


def test_choices_are_put_in_order() -> None:
    assembler = Assembler(CHAT)
    for index in (1, 0, 1, 0):
        _add(assembler, speech.chunk({"content": str(index)}, index=index, finish="stop"))

    choices = json.loads(assembler.body())["choices"]

    assert [(choice["index"], choice["message"]["content"]) for choice in choices] == [(0, "00"), (1, "11")]


def test_log_probabilities_and_stop_reason_are_kept() -> None:
    assembler = Assembler(CHAT)
    for token in "ab":
        said = speech.chunk({"content": token})
        said["choices"][0] |= {"logprobs": {"content": [{"token": token}]}, "stop_reason": "###"}
        _add(assembler, said)

    (choice,) = json.loads(assembler.body())["choices"]

    assert [token["token"] for token in choice["logprobs"]["content"]] == ["a", "b"]
    assert choice["stop_reason"] == "###"


def _assemble(*deltas: dict[str, Any]) -> Any:
    assembler = Assembler(CHAT)
    for delta in deltas:
        _add(assembler, speech.chunk(delta))
    return json.loads(assembler.body())


def _add(assembler: Assembler, said: dict[str, Any]) -> None:
    data = b"data: " + json.dumps(said).encode() + b"\n\n"
    for event in StreamReading(wanted_choices=1).feed(data):
        assembler.add(event.chunk)
