"""What to do about an error: decided by its code where it has one, else by the client's exception."""

import openai

_ADVICE = {
    "invalid_request": "the request itself is wrong; sending it again changes nothing",
    "prompt_too_long": "shorten the prompt",
    "nested_too_deep": "send flatter JSON",
    "invalid_api_key": "check SWITCHYARD_API_KEY",
    "model_not_found": "check MODEL_NAME against GET /v1/models",
    "request_timeout": "the request came too slowly; send it again",
    "request_too_large": "send less",
    "context_length_exceeded": "shorten the prompt, or lower max_tokens",
    "rate_limit_exceeded": "wait as long as Retry-After says; the client does so by itself, as often as max_retries",
    "insufficient_quota": "the key's budget is used up: its operator can raise it, trying again cannot",
    "internal_error": "report the request's id to whoever runs the gateway",
    "overloaded": "try again after Retry-After seconds",
    "all_tiers_failed": "each tier has been asked already; try again in some seconds",
    "time_limit": "raise the deadline, or ask for fewer tokens",
    "model_unavailable": "try again after Retry-After seconds",
    "keys_unavailable": "ask again: this task of the gateway has just started",
    "stream_incomplete": "throw away what came of it, and ask again",
    "stopping": "ask again: another task of the gateway will answer",
}


def explain(error: openai.OpenAIError) -> str:
    """One line."""
    if isinstance(error, openai.APITimeoutError):
        return "no answer in time; raise the deadline, or ask for fewer tokens"
    if isinstance(error, openai.APIConnectionError):
        cause = error.__cause__ or error
        return f"no connection to {error.request.url}: {cause}; is the gateway started, and the port right?"
    if isinstance(error, openai.APIError):
        status = f"{error.status_code} " if isinstance(error, openai.APIStatusError) else ""
        return f"{status}{error.code or 'error'}: {_message(error)}{_advice(error.code)}"
    return str(error)


def _advice(code: str | None) -> str:
    return f" ({_ADVICE[code]})" if code in _ADVICE else ""


def _message(error: openai.APIError) -> str:
    """The gateway's own sentence; the exception's text repeats the whole body."""
    told = error.body.get("message") if isinstance(error.body, dict) else None
    return str(told or error.message)
