"""What a request took and cost: reserved before it is answered, and closed once it is over, however it ended.

Closing is one place for the metrics, the meter, the limits and the log, so that they cannot disagree.
"""

from collections.abc import Callable

from gateway.completion_request import CompletionRequest
from gateway.exchange import Exchange
from gateway.keys.key import Key
from gateway.limits.key_limits import KeyLimits
from gateway.metering.meter import Meter
from gateway.metrics import Metrics
from gateway.outcome import StatusClass, TierName
from gateway.request_log import RequestLog
from gateway.usage import Said, Tokens, estimated, reported, total

_EXPECTED_OUTPUT_TOKENS = 256
"""Reserved for an answer whose length nobody limits; what it was is settled at its end."""


class Accounting:
    """`answered` is told of the key of every request that was answered well."""

    def __init__(
        self, metrics: Metrics, meter: Meter, limits: KeyLimits, log: RequestLog, answered: Callable[[Key], None]
    ) -> None:
        self._metrics = metrics
        self._meter = meter
        self._limits = limits
        self._log = log
        self._answered = answered

    def reserve(self, exchange: Exchange, request: CompletionRequest) -> None:
        """Raises ApiError 429. `exchange.output_limit` counts where it is lower than what was asked for."""
        output_tokens = exchange.output_limit or request.max_tokens
        each = _EXPECTED_OUTPUT_TOKENS if output_tokens is None else max(output_tokens, 0)
        exchange.prompt_bytes = len(request.body)
        tokens = estimated(exchange.prompt_bytes, each * request.wanted_choices).total
        exchange.reservation = self._limits.reserve(exchange.key, tokens)

    def close(self, exchange: Exchange) -> None:
        """The request is over."""
        seconds = exchange.seconds()
        ended = exchange.ended or StatusClass.SERVER_ERROR
        self._metrics.request(exchange.route, ended, exchange.tier)
        if exchange.error_code is not None:
            self._metrics.error(exchange.error_code)
        if exchange.limit_hit is not None:
            self._metrics.limit_hit(exchange.limit_hit)
        if exchange.route.asks_a_model:
            self._settle(exchange, ended)
            if exchange.tier is not None and ended is StatusClass.SUCCESS:
                self._succeeded(exchange, exchange.tier, seconds)
        self._log.write(exchange, seconds)

    def _succeeded(self, exchange: Exchange, tier: TierName, seconds: float) -> None:
        self._metrics.answered(tier, seconds)
        if exchange.first_token_seconds is not None:
            self._metrics.first_token(tier, exchange.first_token_seconds)
        self._answered(exchange.key)

    def _settle(self, exchange: Exchange, ended: StatusClass) -> None:
        """Tokens that were used count, also those of answers that broke off, whoever answered in the end. An answer
        that never came gives back what was reserved for it; a client that left before does not, or leaving would be a
        way round the limit."""
        took = list(exchange.broken)
        said = exchange.said
        if said is not None and (ended is StatusClass.SUCCESS or said.pieces):
            took.append(said)
            if said.usage is None and said.tier is not TierName.CACHE:
                self._metrics.usage_missing(said.tier)
        if took:
            self._used(exchange, took)
        elif ended is not StatusClass.CLIENT_GONE:
            exchange.reservation.refund()

    def _used(self, exchange: Exchange, took: list[Said]) -> None:
        exchange.tokens = tokens = total([self._one_used(exchange, said) for said in took])
        exchange.reservation.settle(tokens.total)

    def _one_used(self, exchange: Exchange, said: Said) -> Tokens:
        tokens = _tokens(exchange, said)
        cost = self._meter.record(exchange.key.name, said.tier, said.model, tokens.prompt, tokens.completion)
        exchange.cost_nano_usd += cost
        self._metrics.used(said.tier, tokens, cost)
        return tokens


def _tokens(exchange: Exchange, said: Said) -> Tokens:
    if said.tier is TierName.CACHE:
        return Tokens(0, 0)
    if said.usage is not None:
        return reported(said.usage)
    return estimated(exchange.prompt_bytes, said.pieces)
