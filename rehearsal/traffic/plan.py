"""Which requests are sent, when and to whom: a pure function of the run's id and a request's number.

Owns the variety (nodes, streams, lengths, prompts); sends nothing.
"""

import hashlib
from dataclasses import dataclass
from typing import Any

_TOKENS = range(4, 25)
_PROMPT_CHARACTERS = range(20, 800)
_FILLER = "the service keeps its promise while the model behind it is exchanged and nobody has to wait, "


@dataclass(frozen=True)
class PlannedRequest:
    """One request. `due_seconds` counts from the start of the run."""

    id: str
    due_seconds: float
    node: str
    streaming: bool
    fresh_connection: bool
    include_usage: bool
    max_tokens: int
    prompt: str

    def body(self, model: str) -> dict[str, Any]:
        """The request in OpenAI's shape."""
        body = {
            "model": model,
            "messages": [{"role": "user", "content": self.prompt}],
            "max_tokens": self.max_tokens,
            "stream": self.streaming,
        }
        if self.streaming and self.include_usage:
            body["stream_options"] = {"include_usage": True}
        return body


@dataclass(frozen=True)
class Plan:
    """The endless list of requests of one run."""

    run: str
    nodes: tuple[str, ...]
    rate_per_second: float
    stream_share: float
    fresh_share: float

    def request(self, number: int) -> PlannedRequest:
        """Request `number`, from 0. The same run and number always give the same request."""
        dice = _Dice(f"{self.run}:{number}")
        request_id = f"traffic-{self.run}-{number:06d}"
        return PlannedRequest(
            id=request_id,
            # A random place within its slot keeps the rate and hits no beat of anyone's polling.
            due_seconds=(number + dice.share()) / self.rate_per_second,
            node=self.nodes[number % len(self.nodes)],
            streaming=dice.share() < self.stream_share,
            fresh_connection=dice.share() < self.fresh_share,
            include_usage=dice.share() < 0.5,
            max_tokens=dice.pick(_TOKENS),
            # The id is the nonce: no two prompts, and so no two answers, are alike.
            prompt=f"{request_id}: {_filler(dice.pick(_PROMPT_CHARACTERS))}",
        )


class _Dice:
    """Repeatable shares from 0 to 1, eight for each seed."""

    def __init__(self, seed: str) -> None:
        digest = hashlib.sha256(seed.encode()).digest()
        self._words = iter([digest[at : at + 4] for at in range(0, len(digest), 4)])

    def share(self) -> float:
        return int.from_bytes(next(self._words)) / 2**32

    def pick(self, choices: range) -> int:
        return choices[int(self.share() * len(choices))]


def _filler(characters: int) -> str:
    return (_FILLER * (characters // len(_FILLER) + 1))[:characters]
