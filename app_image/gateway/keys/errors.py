"""What can be wrong with a key, for the operator and for the client."""

from gateway.errors import ApiError, ErrorCode


class UnreadableKey(Exception):
    """An item of the table `keys` does not say what a key may do."""


def keys_unavailable() -> ApiError:
    """Not a 401: the key may well be valid, and clients give up on a 401."""
    return ApiError(
        503,
        "This task could not read its API keys yet; send the request again.",
        kind="server_error",
        code=ErrorCode.KEYS_UNAVAILABLE,
        headers=((b"retry-after", b"1"),),
    )
