"""What a person reads when the gateway answers: where, and lines to paste. Pure."""

import json
import shlex

from scripts.gateway.order import KEYS_VARIABLE, Order

_PROMPT = "Why is the sky blue?"


def text(order: Order) -> str:
    """The only place where a key that was made is printed."""
    base_url = f"{order.place.url}/v1"
    lines = [
        "",
        f"The gateway answers at {base_url} as {order.model}. In another terminal:",
        "",
        f"  export SWITCHYARD_BASE_URL={base_url}",
        *_key(order),
        f"  export MODEL_NAME={shlex.quote(order.model)}",
        f"  python -m examples.openai_client stream '{_PROMPT}'",
        "",
        "or without Python:",
        "",
        '  curl -i -H "Authorization: Bearer $SWITCHYARD_API_KEY" -H "Content-Type: application/json" \\',
        f"    -d {_body(order.model)} \\",
        "    $SWITCHYARD_BASE_URL/chat/completions",
        "",
        f"Metrics: {order.place.metrics_url}. Ctrl-C ends it. From here on, one line for each request:",
        "",
    ]
    return "\n".join(lines)


def _key(order: Order) -> list[str]:
    if order.new_key is None:
        return [f"  export SWITCHYARD_API_KEY=…   # one of those in {KEYS_VARIABLE}"]
    return [f"  export SWITCHYARD_API_KEY={order.new_key}   # made for this run, kept nowhere"]


def _body(model: str) -> str:
    return shlex.quote(json.dumps({"model": model, "messages": [{"role": "user", "content": _PROMPT}]}))
