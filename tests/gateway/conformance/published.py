"""What OpenAI publishes about its answers, as JSON schemas.

They are made of the types of its official client, which are generated of its published description; what that
requires and the types leave optional is added here. Read in openapi.json of openai/openai-openapi (MIT), version 2.3.0,
commit 00747d3cafaa21ca8b9b7a39a9a5e550c87fc9a0: only which fields, nothing of its text.
"""

from collections.abc import Mapping
from typing import Any

from jsonschema import Draft202012Validator
from openai.types import Completion, ErrorObject, Model
from openai.types.chat import ChatCompletion, ChatCompletionChunk
from pydantic import BaseModel

Schema = dict[str, Any]
Names = Mapping[str, tuple[str, ...]]

LOGPROBS = {
    "ChoiceLogprobs": ("content", "refusal"),
    "ChatCompletionTokenLogprob": ("bytes",),
    "TopLogprob": ("bytes",),
}


def _schema(kind: type[BaseModel], required: Names, never_null: tuple[str, ...] = ()) -> Schema:
    """`required`: more required fields, by definition; "" is the answer itself. `never_null`: fields of the answer."""
    schema = kind.model_json_schema()
    for name, fields in required.items():
        definition = schema["$defs"][name] if name else schema
        definition["required"] = sorted({*definition.get("required", ()), *fields})
        assert set(fields) <= set(definition["properties"]), (name, fields)
    for field in never_null:
        schema["properties"][field] = {"allOf": [schema["properties"][field], {"not": {"type": "null"}}]}
    return schema


def _streamed_text() -> Schema:
    """Pieces of a text have the shape of the whole, but no reason to finish before the end."""
    schema = _schema(Completion, {"CompletionChoice": ("logprobs",)}, ("system_fingerprint",))
    reason = schema["$defs"]["CompletionChoice"]["properties"]["finish_reason"]
    schema["$defs"]["CompletionChoice"]["properties"]["finish_reason"] = {"anyOf": [reason, {"type": "null"}]}
    return schema


def _object(**properties: Schema) -> Schema:
    definitions = {name: found for told in properties.values() for name, found in told.pop("$defs", {}).items()}
    return {"type": "object", "required": sorted(properties), "properties": properties, "$defs": definitions}


SCHEMAS = {
    "chat.completion": _schema(
        ChatCompletion,
        {"Choice": ("logprobs",), "ChatCompletionMessage": ("content",), **LOGPROBS},
        ("usage", "system_fingerprint"),
    ),
    "chat.completion.chunk": _schema(ChatCompletionChunk, LOGPROBS, ("system_fingerprint",)),
    "text_completion": _schema(Completion, {"CompletionChoice": ("logprobs",)}, ("usage", "system_fingerprint")),
    "text_completion chunk": _streamed_text(),
    "list": _object(object={"const": "list"}, data={"type": "array", "items": Model.model_json_schema()}),
    "error": _object(error=_schema(ErrorObject, {"": ("code", "param")})),
}


def problems(kind: str, found: Any) -> list[str]:
    """How an answer differs from what is published; `kind` is a key of SCHEMAS."""
    errors = Draft202012Validator(SCHEMAS[kind]).iter_errors(found)
    return [f"{error.json_path}: {error.message}" for error in errors]
