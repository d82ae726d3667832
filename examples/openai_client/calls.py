"""What can be asked: a whole answer, a stream, a tool's use, an answer of a given shape.

`with_raw_response` is the official client's way to the headers; without it the calls are the same.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass

from openai.types.chat import ChatCompletionFunctionToolParam, ChatCompletionMessageParam
from pydantic import BaseModel

from examples.openai_client.answerer import Answerer, answerer
from examples.openai_client.connection import Connection


class Person(BaseModel):
    """The shape that `structured` asks for."""

    name: str
    age: int


@dataclass(frozen=True)
class Answered:
    """`total_tokens` is 0 for an answer out of the cache, and None where the model did not say."""

    text: str
    answerer: Answerer
    total_tokens: int | None = None


class StreamIncomplete(Exception):
    """The connection ended without an error and without an end; what was printed is not the whole answer."""


def whole(connection: Connection, prompt: str) -> Answered:
    """Wait for all of it."""
    raw = connection.client.chat.completions.with_raw_response.create(model=connection.model, messages=[_user(prompt)])
    answer = raw.parse()
    tokens = answer.usage.total_tokens if answer.usage else None
    return Answered(answer.choices[0].message.content or "", answerer(raw.headers), tokens)


def streamed(connection: Connection, prompt: str, show: Callable[[str], None]) -> Answered:
    """Show each piece as it comes. Raises openai.APIError in the middle when the gateway cannot complete it.

    Also raises StreamIncomplete, and openai.APIConnectionError, when the gateway itself went away.
    """
    raw = connection.client.chat.completions.with_raw_response.create(
        model=connection.model, messages=[_user(prompt)], stream=True, stream_options={"include_usage": True}
    )
    pieces, tokens, finished = [], None, False
    with raw.parse() as chunks:
        for chunk in chunks:
            tokens = chunk.usage.total_tokens if chunk.usage else tokens
            for choice in chunk.choices:
                finished = finished or choice.finish_reason is not None
                if choice.delta.content:
                    pieces.append(choice.delta.content)
                    show(choice.delta.content)
    if not finished:
        raise StreamIncomplete
    return Answered("".join(pieces), answerer(raw.headers), tokens)


def with_tool(connection: Connection, prompt: str) -> Answered:
    """The model asks for the clock, we tell it, it answers."""
    messages: list[ChatCompletionMessageParam] = [_user(prompt)]
    create = connection.client.chat.completions.with_raw_response.create
    raw = create(model=connection.model, messages=messages, tools=[_CLOCK])
    message = raw.parse().choices[0].message
    for call in message.tool_calls or ():
        if call.type == "function":
            result = _time_in(json.loads(call.function.arguments)["city"])
            messages += [message.to_dict(), {"role": "tool", "tool_call_id": call.id, "content": result}]  # type: ignore[list-item]
    if len(messages) > 1:
        raw = create(model=connection.model, messages=messages, tools=[_CLOCK])
    return Answered(raw.parse().choices[0].message.content or "", answerer(raw.headers))


def structured(connection: Connection, prompt: str) -> tuple[Person | None, Answerer]:
    """An answer that is a Person; None when the model refuses."""
    raw = connection.client.chat.completions.with_raw_response.parse(
        model=connection.model, messages=[_user(prompt)], response_format=Person
    )
    return raw.parse().choices[0].message.parsed, answerer(raw.headers)


def _user(prompt: str) -> ChatCompletionMessageParam:
    return {"role": "user", "content": prompt}


def _time_in(city: str) -> str:
    """A tool must be something; a real one would look."""
    return json.dumps({"city": city, "time": "12:00"})


_CLOCK: ChatCompletionFunctionToolParam = {
    "type": "function",
    "function": {
        "name": "time_in",
        "description": "The local time in a city",
        "parameters": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]},
    },
}
