"""What upstreams say on the wire: heads, chunks of a stream, whole bodies."""

import json
from collections.abc import Sequence
from typing import Any

from tests.gateway.upstream import Script

MODEL = "test-model"
OPENAI_MODEL = "gpt-4o-2024-08-06"
USAGE = {"prompt_tokens": 7, "completion_tokens": 3, "total_tokens": 10}
HEAD = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream; charset=utf-8\r\ntransfer-encoding: chunked\r\n\r\n"
END = b"0\r\n\r\n"


def frame(data: bytes) -> bytes:
    """One chunk of HTTP's chunked encoding."""
    return b"%x\r\n%s\r\n" % (len(data), data)


def sse(data: Any) -> bytes:
    return frame(b"data: " + (data if isinstance(data, bytes) else json.dumps(data).encode()) + b"\n\n")


def chunk(delta: dict[str, Any], *, finish: str | None = None, index: int = 0, model: str = MODEL) -> dict[str, Any]:
    return {
        "id": "chatcmpl-1",
        "object": "chat.completion.chunk",
        "created": 1700000000,
        "model": model,
        "choices": [{"index": index, "delta": delta, "finish_reason": finish}],
    }


def text(content: str, *, finish: str | None = None, index: int = 0, model: str = MODEL) -> bytes:
    return sse(chunk({"content": content}, finish=finish, index=index, model=model))


def usage(model: str = MODEL) -> bytes:
    return sse({**chunk({}, model=model), "choices": [], "usage": USAGE})


def role(model: str = MODEL) -> bytes:
    return sse(chunk({"role": "assistant", "content": ""}, model=model))


ROLE = role()
FINISH = sse(chunk({}, finish="stop"))
DONE = sse(b"[DONE]")


def stream(*words: str, model: str = MODEL) -> Script:
    """A complete stream, as vLLM and OpenAI write it."""
    words = words or ("Hel", "lo", "!")
    said = [text(word, model=model) for word in words]
    return [HEAD, role(model), *said, sse(chunk({}, finish="stop", model=model)), usage(model), DONE + END]


def response(status: int, body: Any, headers: Sequence[str] = ()) -> Script:
    """A whole JSON answer."""
    data = json.dumps(body).encode()
    lines = [f"HTTP/1.1 {status} Whatever", "content-type: application/json", f"content-length: {len(data)}", *headers]
    return ["\r\n".join([*lines, "", ""]).encode() + data]


def error(status: int, message: str = "no", headers: Sequence[str] = ()) -> Script:
    return response(status, {"error": {"message": message, "type": "x", "param": None, "code": None}}, headers)


def completion(content: str = "Hello from OpenAI", *, model: str = OPENAI_MODEL) -> Script:
    message = {"role": "assistant", "content": content}
    choice = {"index": 0, "message": message, "finish_reason": "stop"}
    answer = {"id": "chatcmpl-2", "object": "chat.completion", "created": 1700000000, "model": model}
    return response(200, {**answer, "choices": [choice], "usage": USAGE})
