"""Everything that can go wrong, grouped by whose matter it is: the operator's, an upstream's, or the client's.

What clients are told has OpenAI's shape, so that the official client raises its own exceptions for it. Whether a
client ever hears of an upstream's failure is not decided here (gateway.chain).
"""

from collections.abc import Sequence
from enum import StrEnum

import msgspec

Header = tuple[bytes, bytes]


class ErrorCode(StrEnum):
    """What clients can tell errors apart by, and by which they are counted. `docs/openapi.yaml` explains each."""

    INVALID_API_KEY = "invalid_api_key"
    INVALID_REQUEST = "invalid_request"
    NESTED_TOO_DEEP = "nested_too_deep"
    PROMPT_TOO_LONG = "prompt_too_long"
    MODEL_NOT_FOUND = "model_not_found"
    REQUEST_TIMEOUT = "request_timeout"
    REQUEST_TOO_LARGE = "request_too_large"
    RATE_LIMIT_EXCEEDED = "rate_limit_exceeded"
    INSUFFICIENT_QUOTA = "insufficient_quota"
    INTERNAL_ERROR = "internal_error"
    ALL_TIERS_FAILED = "all_tiers_failed"
    TIME_LIMIT = "time_limit"
    MODEL_UNAVAILABLE = "model_unavailable"
    OVERLOADED = "overloaded"
    KEYS_UNAVAILABLE = "keys_unavailable"
    STOPPING = "stopping"
    STREAM_INCOMPLETE = "stream_incomplete"


class Limit(StrEnum):
    """What a request may not exceed: the first three are its key's, the others the deployment's."""

    REQUESTS = "requests"
    TOKENS = "tokens"
    BUDGET = "budget"
    IN_FLIGHT = "in_flight"
    BODY = "body"
    DEPTH = "depth"
    PROMPT = "prompt"


class GatewayError(Exception):
    """Base of all errors that end the process with one message."""


class SettingsError(GatewayError):
    """The environment is missing something or contradicts itself; carries every problem found."""

    def __init__(self, problems: Sequence[str]) -> None:
        self.problems = tuple(problems)
        noun = "setting is" if len(problems) == 1 else "settings are"
        lines = "".join(f"\n  {problem}" for problem in problems)
        super().__init__(f"{len(problems)} {noun} wrong; correct the task's environment and start it again:{lines}")


class CannotListen(GatewayError):
    """An address could not be bound."""


class ConnectFailed(Exception):
    """No connection: refused, unreachable, or the name does not resolve."""


class ConnectTimedOut(Exception):
    """No connection within the limit."""


class ConnectionLost(Exception):
    """The connection ended before the answer did, or what came is not HTTP."""


class EventTooLarge(Exception):
    """A server-sent event did not end within the limit."""


class ApiError(Exception):
    """An answer that is an error, in OpenAI's shape. `limit`: the one that the request hit, if it is for that."""

    def __init__(
        self,
        status: int,
        message: str,
        *,
        kind: str = "invalid_request_error",
        code: ErrorCode | None = None,
        param: str | None = None,
        headers: tuple[Header, ...] = (),
        limit: Limit | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.headers = headers
        self.limit = limit
        self.body = error_body(message, kind=kind, code=code, param=param)


def error_body(message: str, *, kind: str, code: str | None = None, param: str | None = None) -> bytes:
    return msgspec.json.encode({"error": {"message": message, "type": kind, "param": param, "code": code}})


def unknown_path(path: str) -> ApiError:
    return ApiError(
        404, f"Unknown path {path[:200]}; see GET /v1/models, POST /v1/chat/completions and POST /v1/completions."
    )


def wrong_method(method: str, path: str, allowed: str) -> ApiError:
    return ApiError(405, f"{path} takes {allowed}, not {method}.", headers=((b"allow", allowed.encode()),))


def invalid_key() -> ApiError:
    return ApiError(
        401,
        "The API key is missing or not known; send it as 'Authorization: Bearer KEY'.",
        code=ErrorCode.INVALID_API_KEY,
        headers=((b"www-authenticate", b"Bearer"),),
    )


def invalid_body(detail: str) -> ApiError:
    message = f"The request's body is not a valid completion request: {detail}"
    return ApiError(400, message, code=ErrorCode.INVALID_REQUEST)


def invalid_deadline(value: str) -> ApiError:
    message = f"x-request-deadline-seconds is {value[:40]!r}: expected a number of seconds above 0, such as 12.5."
    return ApiError(400, message, code=ErrorCode.INVALID_REQUEST)


def body_too_large(limit_bytes: int) -> ApiError:
    message = f"The request's body is larger than {limit_bytes} bytes."
    return ApiError(413, message, code=ErrorCode.REQUEST_TOO_LARGE, limit=Limit.BODY)


def body_too_slow(limit_seconds: float) -> ApiError:
    return ApiError(
        408, f"The request's body was not complete after {limit_seconds:g} s.", code=ErrorCode.REQUEST_TIMEOUT
    )


def model_not_found(model: str) -> ApiError:
    return ApiError(
        404,
        f"The model {model[:200]!r} does not exist; GET /v1/models lists what does.",
        code=ErrorCode.MODEL_NOT_FOUND,
        param="model",
    )


def all_tiers_failed(reasons: str) -> ApiError:
    message = f"No provider could answer ({reasons})."
    return ApiError(502, message, kind="server_error", code=ErrorCode.ALL_TIERS_FAILED)


def out_of_time() -> ApiError:
    message = "The answer was not complete within the time limit."
    return ApiError(502, message, kind="server_error", code=ErrorCode.TIME_LIMIT)


def model_unavailable(reasons: str, retry_after_seconds: int) -> ApiError:
    message = f"The model is not available ({reasons}) and no other provider may be asked for this request."
    return _come_back(message, ErrorCode.MODEL_UNAVAILABLE, retry_after_seconds)


def overloaded(message: str, retry_after_seconds: int) -> ApiError:
    return _come_back(message, ErrorCode.OVERLOADED, retry_after_seconds)


def no_place() -> ApiError:
    message = "All places of this task are taken; send the request again after a second."
    return _come_back(message, ErrorCode.OVERLOADED, 1, Limit.IN_FLIGHT)


def no_memory() -> ApiError:
    message = "Too much is on its way to this task; send the request again after a second."
    return _come_back(message, ErrorCode.OVERLOADED, 1, Limit.IN_FLIGHT)


def stopping() -> ApiError:
    return _come_back("This task is stopping; send the request again.", ErrorCode.STOPPING, 1)


def internal_error() -> ApiError:
    message = "The gateway failed; its log has the details."
    return ApiError(500, message, kind="server_error", code=ErrorCode.INTERNAL_ERROR)


def _come_back(message: str, code: ErrorCode, retry_after_seconds: int, limit: Limit | None = None) -> ApiError:
    headers = ((b"retry-after", b"%d" % retry_after_seconds),)
    return ApiError(503, message, kind="server_error", code=code, headers=headers, limit=limit)
