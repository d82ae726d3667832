"""The closed sets by which requests are counted, logged and described in headers."""

from enum import StrEnum


class RouteName(StrEnum):
    """The routes that are counted; the load balancer's probes are not."""

    CHAT_COMPLETIONS = "chat_completions"
    COMPLETIONS = "completions"
    MODELS = "models"
    OTHER = "other"


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
    """Who answered."""

    VLLM = "vllm"
    OPENAI = "openai"


class Reason(StrEnum):
    """Why a tier was left. The first group can only happen before the first content."""

    CONNECT_FAILED = "connect_failed"
    CONNECT_TIMEOUT = "connect_timeout"
    RESET = "reset"
    SERVER_ERROR = "server_error"
    OVERLOADED = "overloaded"
    REFUSED = "refused"
    EMPTY_STREAM = "empty_stream"
    FIRST_TOKEN_TIMEOUT = "first_token_timeout"  # noqa: S105 - a token of text

    ERROR_EVENT = "error_event"
    MALFORMED = "malformed"
    CUT = "cut"
    STALLED = "stalled"
    TIME_LIMIT = "time_limit"
