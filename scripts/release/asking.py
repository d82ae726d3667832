"""Questions through the public door, and what their answers prove about where they came from."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from scripts.release.ports import Answered, Asked, DoorClosed, Site

_OK = 200
_PROBE_SECONDS = 5.0


@dataclass(frozen=True)
class Origin:
    """Who answered, from the response headers; empty where a header was missing."""

    release: str
    colour: str
    model_colour: str
    tier: str


def origin(answer: Answered) -> Origin:
    named = (answer.headers.get(f"x-switchyard-{name}", "") for name in ("release", "colour", "model-colour", "tier"))
    return Origin(*named)


def models(key: str, headers: Mapping[str, str] | None = None) -> Asked:
    """The cheapest authenticated request."""
    return Asked("GET", "/v1/models", {**_authorised(key), **(headers or {})})


def completion(key: str, model: str, stream: bool, headers: Mapping[str, str]) -> Asked:
    body = {
        "model": model,
        "messages": [{"role": "user", "content": "Say hello."}],
        "max_tokens": 8,
        "stream": stream,
    }
    typed = {"content-type": "application/json"}
    return Asked("POST", "/v1/chat/completions", {**_authorised(key), **typed, **headers}, json.dumps(body).encode())


def listed_models(answer: Answered) -> list[str]:
    data = _object(answer.body)
    return [str(entry.get("id")) for entry in data.get("data", ())]


def complete_text(answer: Answered) -> str:
    """The text of a JSON completion, empty where it is not one."""
    choices = _object(answer.body).get("choices") or [{}]
    return str(choices[0].get("message", {}).get("content") or "")


def streamed_text(answer: Answered) -> str | None:
    """The text of a stream that ended as it should, None for one that was cut."""
    events = [
        line[5:].strip() for line in answer.body.decode(errors="replace").splitlines() if line.startswith("data:")
    ]
    if not events or events[-1] != "[DONE]":
        return None
    choices = [choice for event in events[:-1] for choice in _object(event.encode()).get("choices", ())]
    return "".join(str(choice.get("delta", {}).get("content") or "") for choice in choices)


def probe(site: Site, address: str, key: str, *, any_status: bool = False) -> tuple[str, str]:
    """Which colour answers on an address, by a new connection, and what was seen. Empty where none did."""
    try:
        answer = site.door.ask(address, models(key), _PROBE_SECONDS)
    except DoorClosed as error:
        return "", f"nothing: {error}"
    colour = origin(answer).colour
    seen = f"{answer.status} from {colour or 'nobody we know'}"
    return (colour if answer.status == _OK or any_status else ""), seen


def _authorised(key: str) -> dict[str, str]:
    return {"authorization": f"Bearer {key}"}


def _object(body: bytes) -> dict[str, Any]:
    try:
        data = json.loads(body)
    except ValueError:
        return {}
    return data if isinstance(data, dict) else {}
