"""Which earlier answer a request may get: one to exactly the same request of the same tenant, of the same model.

Prompts are in no key: it is a hash, and the table holds nothing else of a request.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import msgspec

from gateway.endpoints import Endpoint
from gateway.settings import Settings

INSIGNIFICANT = frozenset(
    {
        # how the answer is carried
        "stream", "stream_options",
        # for whom, and how it is recorded, placed and billed
        "metadata", "priority", "prompt_cache_key", "request_id", "safety_identifier", "service_tier", "store", "user",
    }
)  # fmt: skip
"""Fields of a request that do not change what a model would say. One that is null was not said either."""

# Another number makes every answer that is kept a miss.
_SCHEME = "1"
_FIELDS = msgspec.json.Decoder(dict[str, Any])


@dataclass(frozen=True)
class Served:
    """Whose answers they are: the model and revision of this task, and what its other names for models mean."""

    model: str
    revision: str
    aliases: Mapping[str, str]

    @classmethod
    def by(cls, settings: Settings) -> "Served":
        aliases = settings.openai.aliases if settings.openai else {}
        return cls(settings.model, settings.model_revision, aliases)


@dataclass(frozen=True, slots=True)
class Question:
    """One request. `tenant` is the name of its key, `model` what it asked for; `no_store` was the client's wish, and a
    `previewed` one came through a preview rule."""

    tenant: str
    endpoint: Endpoint
    model: str
    body: bytes
    no_store: bool = False
    previewed: bool = False


def digest(question: Question, served: Served) -> str:
    """The answer's `pk`."""
    alias = served.aliases.get(question.model)
    who = (_SCHEME, question.tenant, question.endpoint.path, served.model, served.revision, alias)
    return hashlib.sha256(msgspec.json.encode(who) + canonical(question.body)).hexdigest()


def canonical(body: bytes) -> bytes:
    """The same bytes for requests that mean the same, whatever order or spaces they were written with. What cannot be
    read that way is the same only as itself."""
    try:
        fields = _FIELDS.decode(body)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return body
    said = {name: value for name, value in fields.items() if value is not None and name not in INSIGNIFICANT}
    return msgspec.json.encode(said, order="sorted")
