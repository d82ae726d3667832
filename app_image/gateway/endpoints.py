"""The two paths that ask a model: how their requests and answers differ, as data."""

from dataclasses import dataclass

from gateway.outcome import RouteName


@dataclass(frozen=True)
class Endpoint:
    """`path` is where a client and an upstream's base URL (ending in /v1) have it; `answer_object` and `chunk_object`
    are what a whole answer and a piece of a streamed one call themselves."""

    route: RouteName
    path: str
    answer_object: str
    chunk_object: str
    prompt_field: str
    limit_field: str

    @property
    def is_chat(self) -> bool:
        return self.route is RouteName.CHAT_COMPLETIONS


CHAT = Endpoint(
    RouteName.CHAT_COMPLETIONS,
    "/chat/completions",
    "chat.completion",
    "chat.completion.chunk",
    prompt_field="messages",
    limit_field="max_completion_tokens",
)
TEXT = Endpoint(
    RouteName.COMPLETIONS,
    "/completions",
    "text_completion",
    "text_completion",
    prompt_field="prompt",
    limit_field="max_tokens",
)
