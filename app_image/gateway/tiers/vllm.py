"""The upstream we run ourselves."""

from gateway.completion_request import CompletionRequest, encode, raw
from gateway.endpoints import CHAT, TEXT
from gateway.outcome import TierName
from gateway.settings import Settings
from gateway.tiers.provider import Prepared, Provider

# Our key, our name of its model and our path, a time-out and too many requests are our trouble, not the client's; any
# other 4xx is an opinion about the request.
_REJECTIONS = frozenset(range(400, 500)) - {401, 403, 404, 405, 408, 429}

WHOLE_ONLY_PARAMETERS = frozenset({"prompt_logprobs", "return_token_ids", "use_beam_search", "kv_transfer_params"})
"""What vLLM refuses in a stream, or answers with fields that a stream does not carry in the same form."""


def vllm(settings: Settings) -> Provider:
    """It is asked to stream and for its usage: so the limit to the first token holds for all clients, and tokens are
    counted for all. The exception is what it tells in whole answers only."""
    return Provider(
        name=TierName.VLLM,
        urls={endpoint.route: f"{settings.vllm_url}/v1{endpoint.path}" for endpoint in (CHAT, TEXT)},
        headers={"authorization": f"Bearer {settings.vllm_api_key}"} if settings.vllm_api_key else {},
        prepare=_Preparer(settings.model),
        rejections=_REJECTIONS,
        first_content_seconds=settings.limits.first_content_seconds,
    )


class _Preparer:
    def __init__(self, model: str) -> None:
        self._model = model
        self._raw_model = raw(model)

    def __call__(self, request: CompletionRequest, output_tokens: int | None) -> Prepared:
        is_named = request.model == self._model
        if is_named and output_tokens is None and request.stream and request.wants_usage:
            return Prepared(request.body, self._model)
        fields = request.fields()
        if not is_named:
            fields["model"] = self._raw_model
        if output_tokens is not None:
            fields.pop("max_tokens", None)
            fields[request.endpoint.limit_field] = raw(output_tokens)
        if not request.stream and not WHOLE_ONLY_PARAMETERS.isdisjoint(fields):
            return Prepared(encode(fields), self._model, streams=False)
        if not request.stream:
            fields["stream"] = _TRUE
        if not request.wants_usage:
            fields["stream_options"] = raw({**request.stream_options, "include_usage": True})
        return Prepared(encode(fields), self._model)


_TRUE = raw(True)
