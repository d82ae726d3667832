"""How a tier says that it gives no answer. What follows from it is decided in gateway.chat."""

from gateway.outcome import Reason


class TierFailed(Exception):
    """This tier gave no whole answer; another one may."""

    def __init__(self, reason: Reason, *, retry_after: bytes | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.retry_after = retry_after


class TierRejected(Exception):
    """The tier says that the client's request is wrong; no other tier is asked."""

    def __init__(self, status: int, body: bytes, content_type: bytes) -> None:
        super().__init__(status)
        self.status = status
        self.body = body
        self.content_type = content_type
