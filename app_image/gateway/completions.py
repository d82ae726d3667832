"""POST /v1/chat/completions and POST /v1/completions: what a request passes before a tier is asked, and afterwards."""

from dataclasses import dataclass

from gateway import endings
from gateway.accounting import Accounting
from gateway.admission import Admission
from gateway.body import BodyReader
from gateway.chain import Chain
from gateway.completion_request import CompletionRequest, parse
from gateway.drain import Drain
from gateway.endpoints import Endpoint
from gateway.errors import model_not_found
from gateway.exchange import Exchange
from gateway.guards import check_depth, check_prompt, output_limit
from gateway.keeping import Keeping
from gateway.routing import Routing
from gateway.settings import Limits
from gateway.tiers.call import Call
from gateway.trace import continued
from gateway.watch import Interrupted, Receive, Watch


@dataclass(frozen=True)
class Road:
    """What both endpoints share."""

    limits: Limits
    drain: Drain
    admission: Admission
    bodies: BodyReader
    routing: Routing
    chain: Chain
    accounting: Accounting
    keeping: Keeping


class Completions:
    """The handler of one endpoint."""

    def __init__(self, endpoint: Endpoint, road: Road) -> None:
        self._endpoint = endpoint
        self._road = road

    async def __call__(self, exchange: Exchange, receive: Receive) -> None:
        limits = self._road.limits.within(exchange.head.deadline_seconds())
        watch = Watch(limits.total_seconds)
        exchange.watched_by(watch)
        with self._road.drain.tracked(watch):
            try:
                with watch:
                    await self._read(exchange, receive, watch, limits)
            except Interrupted as interruption:
                watch.close()
                await endings.give_up(exchange, interruption.cause)
            finally:
                watch.close()

    async def _read(self, exchange: Exchange, receive: Receive, watch: Watch, limits: Limits) -> None:
        self._road.admission.check_room()  # a body that nobody will look at is not waited for
        body = await self._road.bodies.read(receive, exchange.head.content_length, watch, limits)
        await self._road.admission.enter()
        try:
            await self._serve(exchange, body, watch, limits)
        finally:
            self._road.admission.leave()

    async def _serve(self, exchange: Exchange, body: bytes, watch: Watch, limits: Limits) -> None:
        request = self._accepted(body, exchange)
        exchange.output_limit = output_limit(request.max_tokens, limits.output_tokens)
        self._road.accounting.reserve(exchange, request)
        call = self._call(exchange, request, watch, limits)
        await self._road.chain.answer(call)
        self._road.keeping.keep(call)

    def _call(self, exchange: Exchange, request: CompletionRequest, watch: Watch, limits: Limits) -> Call:
        head = exchange.head
        trace = exchange.trace = continued(head.traceparent, head.tracestate)
        headers = {"content-type": "application/json", "x-request-id": head.request_id, **trace.headers}
        return Call(request, exchange, watch, limits, headers, keeps_bytes=self._road.keeping.wants_bytes(exchange))

    def _accepted(self, body: bytes, exchange: Exchange) -> CompletionRequest:
        """Raises ApiError: 400 for what is no request or a too large one, 404 for a model that is not served."""
        limits = self._road.limits
        check_depth(body, limits.json_depth)
        request = parse(body, self._endpoint)
        exchange.stream = request.stream
        if not self._road.routing.serves(request.model, exchange.key):
            raise model_not_found(request.model)
        if limits.prompt_characters is not None and len(body) > limits.prompt_characters:
            check_prompt(request.fields()[self._endpoint.prompt_field], limits.prompt_characters)
        return request
