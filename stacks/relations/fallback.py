"""Who answers when vLLM cannot."""

import re

from stacks.relations.rule import Rule

RULES = (
    Rule(("openaiBaseUrl",), lambda url: re.fullmatch(r"https?://[^/]+(/.*)?", url) is not None, "expected a URL"),
    Rule(
        ("environment", "openaiBaseUrl"),
        lambda environment, url: (
            environment == "rehearsal" or re.match(r"https?://[^/:]+(:443)?(/|$)", url) is not None
        ),
        "gateway tasks may leave on port 443 only",
    ),
    Rule(
        ("environment", "openaiBaseUrl"),
        lambda environment, url: environment == "rehearsal" or url.startswith("https://"),
        "prompts leave through TLS only: expected https://",
    ),
)
