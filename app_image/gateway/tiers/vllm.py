"""The tier we run ourselves. It is always asked to stream, so that the limit to the first token holds for all."""

from gateway.completion_request import CompletionRequest, encode, raw
from gateway.outcome import TierName
from gateway.settings import Settings
from gateway.tiers.tier import Prepared, Tier

# Too many requests are our trouble, not the client's; any other 4xx is an opinion about the request.
_REJECTIONS = frozenset(range(400, 500)) - {429}


def vllm_tier(settings: Settings) -> Tier:
    return Tier(
        name=TierName.VLLM,
        url=settings.vllm_url + "/v1/chat/completions",
        headers={},
        prepare=_prepare,
        always_streams=True,
        rejections=_REJECTIONS,
    )


def _prepare(request: CompletionRequest) -> Prepared:
    if request.stream and request.wants_usage:
        return Prepared(request.body)
    fields = request.fields()
    fields["stream"] = raw(True)
    fields["stream_options"] = raw({**request.stream_options, "include_usage": True})
    return Prepared(encode(fields))
