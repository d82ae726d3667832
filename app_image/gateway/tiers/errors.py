"""How a tier says that it gives no answer. What follows from it is decided in gateway.chain."""

from gateway.outcome import Reason


class TierFailed(Exception):
    """This tier gave no whole answer; another one may. `retry_after_seconds`: when this one may be asked again."""

    def __init__(self, reason: Reason, *, retry_after_seconds: int | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.retry_after_seconds = retry_after_seconds


class TierRejected(Exception):
    """The tier says that the client's request is wrong. `context_tokens`: it is only too long for this tier's model,
    which takes so many."""

    def __init__(self, status: int, body: bytes, content_type: bytes, context_tokens: int | None = None) -> None:
        super().__init__(status)
        self.status = status
        self.body = body
        self.content_type = content_type
        self.context_tokens = context_tokens
