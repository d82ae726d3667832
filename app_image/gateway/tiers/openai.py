"""The paid tier. It gets the model's name mapped and only parameters that it knows; it streams if the client does."""

from collections.abc import Callable

import msgspec

from gateway.completion_request import CompletionRequest, encode, raw
from gateway.outcome import TierName
from gateway.settings import OpenAiAccount
from gateway.tiers.tier import Prepared, Tier

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


def openai_tier(account: OpenAiAccount) -> Tier:
    return Tier(
        name=TierName.OPENAI,
        url=account.base_url + "/chat/completions",
        headers={"authorization": f"Bearer {account.api_key}"},
        prepare=_preparer(raw(account.model)),
        always_streams=False,
        rejections=_REJECTIONS,
    )


def _preparer(model: msgspec.Raw) -> Callable[[CompletionRequest], Prepared]:
    def prepare(request: CompletionRequest) -> Prepared:
        fields = request.fields()
        dropped = tuple(sorted(VLLM_ONLY_PARAMETERS & fields.keys()))
        for name in dropped:
            del fields[name]
        fields["model"] = model
        if not request.stream:
            fields.pop("stream_options", None)  # an error at OpenAI, ignored by us
        elif request.stream_options:
            options = {key: value for key, value in request.stream_options.items() if key != "continuous_usage_stats"}
            fields["stream_options"] = raw(options)
        return Prepared(encode(fields), dropped)

    return prepare
