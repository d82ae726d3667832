"""Everything that can go wrong, grouped by whose matter it is: the operator's, an upstream's, or the client's.

What clients are told has OpenAI's shape, so that the official client raises its own exceptions for it. Whether a
client ever hears of an upstream's failure is not decided here (gateway.chat).
"""

from collections.abc import Sequence

import msgspec

Header = tuple[bytes, bytes]


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
    """An answer that is an error, in OpenAI's shape."""

    def __init__(
        self,
        status: int,
        message: str,
        *,
        kind: str = "invalid_request_error",
        code: str | None = None,
        param: str | None = None,
        headers: tuple[Header, ...] = (),
    ) -> None:
        super().__init__(message)
        self.status = status
        self.headers = headers
        self.body = error_body(message, kind=kind, code=code, param=param)


def error_body(message: str, *, kind: str, code: str | None = None, param: str | None = None) -> bytes:
    return msgspec.json.encode({"error": {"message": message, "type": kind, "param": param, "code": code}})


def unknown_path(path: str) -> ApiError:
    return ApiError(404, f"Unknown path {path[:200]}; see GET /v1/models and POST /v1/chat/completions.")


def wrong_method(method: str, path: str, allowed: str) -> ApiError:
    return ApiError(405, f"{path} takes {allowed}, not {method}.", headers=((b"allow", allowed.encode()),))


def invalid_key() -> ApiError:
    return ApiError(
        401,
        "The API key is missing or not known; send it as 'Authorization: Bearer KEY'.",
        code="invalid_api_key",
        headers=((b"www-authenticate", b"Bearer"),),
    )


def invalid_body(detail: str) -> ApiError:
    return ApiError(400, f"The request's body is not a valid chat completion request: {detail}")


def body_too_large(limit_bytes: int) -> ApiError:
    return ApiError(413, f"The request's body is larger than {limit_bytes} bytes.", code="request_too_large")


def body_too_slow(limit_seconds: float) -> ApiError:
    return ApiError(408, f"The request's body was not complete after {limit_seconds:g} s.", code="request_timeout")


def model_not_found(model: str) -> ApiError:
    return ApiError(
        404,
        f"The model {model[:200]!r} does not exist; GET /v1/models lists what does.",
        code="model_not_found",
        param="model",
    )


def upstreams_failed(status: int, message: str, *, code: str, retry_after: bytes | None = None) -> ApiError:
    headers = ((b"retry-after", retry_after),) if retry_after is not None else ()
    return ApiError(status, message, kind="server_error", code=code, headers=headers)


def stopping() -> ApiError:
    return ApiError(
        503,
        "This task is stopping; send the request again.",
        kind="server_error",
        code="stopping",
        headers=((b"retry-after", b"1"),),
    )


def internal_error() -> ApiError:
    return ApiError(500, "The gateway failed; its log has the details.", kind="server_error", code="internal_error")
