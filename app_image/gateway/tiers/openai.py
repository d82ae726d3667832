"""The paid upstream. It gets the model's name mapped, and only parameters that it knows."""

from gateway.completion_request import CompletionRequest, encode, raw
from gateway.endpoints import CHAT, TEXT
from gateway.outcome import TierName
from gateway.settings import OpenAiAccount
from gateway.tiers.provider import Prepared, Provider
from gateway.trace import STATE_HEADER

# Statuses about the request itself. 401, 403 and 404 would be about our own key and our own choice of model.
_REJECTIONS = frozenset({400, 413, 415, 422})

VLLM_ONLY_PARAMETERS = frozenset(
    {
        # sampling
        "allowed_token_ids", "bad_words", "best_of", "ignore_eos", "include_stop_str_in_output", "length_penalty",
        "logits_processors", "min_p", "min_tokens", "prompt_logprobs", "repetition_detection", "repetition_penalty",
        "skip_special_tokens", "spaces_between_special_tokens", "stop_token_ids", "thinking_token_budget", "top_k",
        "truncate_prompt_tokens", "use_beam_search",
        # the prompt's rendering
        "add_generation_prompt", "add_special_tokens", "chat_template", "chat_template_kwargs",
        "continue_final_message", "documents", "echo", "include_reasoning", "media_io_kwargs", "mm_processor_kwargs",
        # structured output
        "guided_choice", "guided_decoding_backend", "guided_grammar", "guided_json", "guided_regex",
        "guided_whitespace_pattern", "structural_tag", "structured_outputs",
        # serving
        "cache_salt", "ec_transfer_params", "kv_transfer_params", "priority", "request_id", "return_prompt_text",
        "return_token_ids", "return_token_offsets", "return_tokens_as_token_ids", "routed_experts_prompt_start",
        "session_id", "stream_interval", "vllm_xargs",
    }
)  # fmt: skip
"""What vLLM takes beyond OpenAI's API, and OpenAI refuses with 400."""


# What tracing tools tell each other is nothing for another company. The trace's id by itself tells nothing.
_WITHHELD = frozenset({STATE_HEADER})

# Text completions have some of them at OpenAI too.
_TEXT_PARAMETERS = frozenset({"best_of", "echo"})


def openai(account: OpenAiAccount) -> Provider:
    """It is asked to stream as well, so that one that falls silent is left as soon as vLLM would be."""
    endpoints = (CHAT, TEXT) if account.completions_model else (CHAT,)
    return Provider(
        name=TierName.OPENAI,
        urls={endpoint.route: account.base_url + endpoint.path for endpoint in endpoints},
        headers={"authorization": f"Bearer {account.api_key}"},
        prepare=_Preparer(account),
        rejections=_REJECTIONS,
        first_content_seconds=account.first_content_seconds,
        context_tokens=account.context_tokens,
        withheld=_WITHHELD,
    )


class _Preparer:
    def __init__(self, account: OpenAiAccount) -> None:
        self._account = account

    def __call__(self, request: CompletionRequest, output_tokens: int | None) -> Prepared:
        fields = request.fields()
        unknown = VLLM_ONLY_PARAMETERS if request.endpoint.is_chat else VLLM_ONLY_PARAMETERS - _TEXT_PARAMETERS
        dropped = tuple(sorted(unknown & fields.keys()))
        for name in dropped:
            del fields[name]
        model = self._model(request)
        fields["model"] = raw(model)
        fields["stream"] = raw(True)
        fields["stream_options"] = raw(_options(request))
        if output_tokens is None:
            output_tokens = request.max_tokens
        if output_tokens is not None:
            # Its newer chat models refuse the older name.
            fields.pop("max_tokens", None)
            fields[request.endpoint.limit_field] = raw(output_tokens)
        return Prepared(encode(fields), model, dropped)

    def _model(self, request: CompletionRequest) -> str:
        if not request.endpoint.is_chat:
            return self._account.completions_model or self._account.model
        return self._account.aliases.get(request.model, self._account.model)


def _options(request: CompletionRequest) -> dict[str, object]:
    options = {name: value for name, value in request.stream_options.items() if name != "continuous_usage_stats"}
    return {**options, "include_usage": True}
