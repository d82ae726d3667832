"""Who answers when vLLM cannot."""

import re

from stacks.relations.rule import Rule, between

# The defaults of the prices are this model's (Pulumi.yaml).
_DEFAULT_MODEL, _DEFAULT_PRICES = "gpt-4o", (2.5, 10.0)
_ALIAS = re.compile(r"[A-Za-z0-9][\w.:/-]*=[A-Za-z0-9][\w.:/-]*")

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
    Rule(
        ("openaiAliases",),
        lambda aliases: all(_ALIAS.fullmatch(alias) for alias in aliases),
        "expected ALIAS=MODEL for each, of letters, digits and . _ : / -",
    ),
    Rule(
        ("openaiAliases",),
        lambda aliases: len({alias.partition("=")[0] for alias in aliases}) == len(aliases),
        "an alias comes twice",
    ),
    Rule(
        ("openaiAliases", "modelAliases"),
        lambda aliases, own: not {alias.partition("=")[0] for alias in aliases} & set(own),
        "one name cannot mean OpenAI's model and vLLM's",
    ),
    *(
        Rule(
            ("externalFallback", key),
            lambda fallback, value: fallback == "allow" or not value,
            "no prompt may leave for OpenAI, so nothing can be answered there: leave it empty",
        )
        for key in ("openaiAliases", "openaiCompletionsModel", "overflowQueueDepth")
    ),
    *(
        Rule((key,), lambda price: price >= 0, "expected a price, 0 or more")
        for key in ("openaiInputUsdPerMillion", "openaiOutputUsdPerMillion")
    ),
    Rule(
        ("openaiModel", "openaiInputUsdPerMillion", "openaiOutputUsdPerMillion"),
        lambda model, *prices: model == _DEFAULT_MODEL or prices != _DEFAULT_PRICES,
        f"those are the prices of {_DEFAULT_MODEL}: set this model's own (https://openai.com/api/pricing/), or the "
        "spending cap and the keys' budgets count wrongly",
    ),
    Rule(
        ("openaiMonthlyCapUsd",), lambda usd: usd > 0, "expected more than 0; `externalFallback: never` spends nothing"
    ),
    between("openaiMaxInFlight", 1, 10_000, "requests of one gateway task"),
    Rule(
        ("openaiMaxInFlight", "apiMaximumInFlight"),
        lambda there, here: there <= here,
        "a gateway task cannot have more requests at OpenAI than it answers at all",
    ),
)
