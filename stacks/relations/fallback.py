"""Who answers when vLLM cannot."""

import re

from stacks.relations.rule import Rule

RULES = (
    Rule(("openaiBaseUrl",), lambda url: re.fullmatch(r"https?://[^/]+(/.*)?", url) is not None, "expected a URL"),
    Rule(
        ("environment", "openaiBaseUrl"),
        lambda environment, url: environment == "rehearsal" or url.startswith("https://"),
        "prompts leave through TLS only: expected https://",
    ),
)
