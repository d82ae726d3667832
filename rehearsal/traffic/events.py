"""Server-sent events as a strict client reads them: an event without its closing blank line never happened."""

import json
from typing import Any

DONE = b"[DONE]"


def payloads(body: bytes) -> list[bytes]:
    """The data of each complete event; comments and other fields are left out."""
    *complete, _unfinished = body.replace(b"\r\n", b"\n").split(b"\n\n")
    return [data for event in complete if (data := _data(event))]


def has_content(body: bytes) -> bool:
    """Whether a first token has arrived."""
    return any(content(_chunk(payload)) for payload in payloads(body))


def content(chunk: dict[str, Any]) -> str:
    """The text that a chunk adds to the answer: none for a role, a usage or a terminal chunk."""
    delta = _choice(chunk).get("delta")
    text = delta.get("content") if isinstance(delta, dict) else None
    return text if isinstance(text, str) else ""


def finish_reason(chunk: dict[str, Any]) -> Any:
    return _choice(chunk).get("finish_reason")


def _choice(chunk: dict[str, Any]) -> dict[str, Any]:
    choices = chunk.get("choices")
    first = choices[0] if isinstance(choices, list) and choices else None
    return first if isinstance(first, dict) else {}


def _chunk(payload: bytes) -> dict[str, Any]:
    try:
        chunk = json.loads(payload)
    except ValueError:
        return {}
    return chunk if isinstance(chunk, dict) else {}


def _data(event: bytes) -> bytes:
    lines = [line.removeprefix(b"data:").removeprefix(b" ") for line in event.split(b"\n") if line.startswith(b"data:")]
    return b"\n".join(lines)
