"""GET /metrics on the port that no load balancer reaches; needs no key, tells no request's content."""

from prometheus_client import CONTENT_TYPE_LATEST

from gateway.exchange import Scope, Send
from gateway.metrics import Metrics
from gateway.watch import Receive


class MetricsPage:
    """An ASGI application of one page."""

    def __init__(self, metrics: Metrics) -> None:
        self._metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["path"] == "/metrics" and scope["method"] == "GET":
            status, body, content_type = 200, self._metrics.exposition(), CONTENT_TYPE_LATEST.encode()
        else:
            status, body, content_type = 404, b"only GET /metrics is here\n", b"text/plain; charset=utf-8"
        headers = [(b"content-type", content_type), (b"content-length", b"%d" % len(body))]
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": body})
