"""The closed sets by which requests are counted, logged and described in headers."""

from enum import StrEnum


class RouteName(StrEnum):
    """The routes that are counted; the load balancer's probes are not."""

    CHAT_COMPLETIONS = "chat_completions"
    COMPLETIONS = "completions"
    MODELS = "models"
    OTHER = "other"

    @property
    def asks_a_model(self) -> bool:
        return self in (RouteName.CHAT_COMPLETIONS, RouteName.COMPLETIONS)


class StatusClass(StrEnum):
    """How a request ended. INCOMPLETE began with a 200 and said in-band that it could not go on."""

    SUCCESS = "2xx"
    CLIENT_ERROR = "4xx"
    SERVER_ERROR = "5xx"
    INCOMPLETE = "incomplete"
    CLIENT_GONE = "client_gone"

    @classmethod
    def of(cls, status: int) -> "StatusClass":
        if status >= 500:
            return cls.SERVER_ERROR
        return cls.CLIENT_ERROR if status >= 400 else cls.SUCCESS


class TierName(StrEnum):
    """Who answered, in the order in which they are usually asked."""

    VLLM = "vllm"
    OPENAI = "openai"
    CACHE = "cache"


UPSTREAMS = (TierName.VLLM, TierName.OPENAI)
"""The tiers that are asked over a network, hence have a breaker."""


class Reason(StrEnum):
    """Why a tier was left."""

    # It was not asked.
    SWITCHED = "switched"
    BREAKER_OPEN = "breaker_open"
    OVERFLOW = "overflow"
    BUSY = "busy"
    SPENDING_CAP = "spending_cap"

    # It gave no content.
    CONNECT_FAILED = "connect_failed"
    CONNECT_TIMEOUT = "connect_timeout"
    RESET = "reset"
    SERVER_ERROR = "server_error"
    OVERLOADED = "overloaded"
    RATE_LIMITED = "rate_limited"
    REFUSED = "refused"
    REJECTED = "rejected"
    CONTEXT_LENGTH = "context_length"
    EMPTY_STREAM = "empty_stream"
    FIRST_TOKEN_TIMEOUT = "first_token_timeout"  # noqa: S105 - a token of text
    NOT_CACHED = "not_cached"

    # It may have given some.
    ERROR_EVENT = "error_event"
    MALFORMED = "malformed"
    CUT = "cut"
    STALLED = "stalled"
    TIME_LIMIT = "time_limit"


UNHEALTHY = frozenset(
    {
        Reason.CONNECT_FAILED, Reason.CONNECT_TIMEOUT, Reason.RESET, Reason.SERVER_ERROR, Reason.EMPTY_STREAM,
        Reason.FIRST_TOKEN_TIMEOUT, Reason.ERROR_EVENT, Reason.MALFORMED, Reason.CUT, Reason.STALLED,
    }
)  # fmt: skip
"""What a breaker counts. An upstream that says that it has too much to do, or what is wrong with a request, lives."""
