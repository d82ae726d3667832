"""Secrets that lie open in a settings file, found before they are used. Pure; a value is never repeated."""

import re
from collections.abc import Iterator, Mapping
from collections.abc import Set as AbstractSet
from typing import Any

from stacks.reading import settings_of

# How keys of OpenAI, AWS (access key ids), GitHub and Hugging Face begin.
_KEY = re.compile(r"\b(sk-[\w-]{16,}|(AKIA|ASIA)[A-Z0-9]{16}|gh[pousr]_\w{20,}|hf_\w{20,})|PRIVATE KEY-----")


def in_plain_text(kind: type[Any], text: Mapping[str, str], hidden: AbstractSet[str]) -> Iterator[str]:
    """A sentence for each secret setting that is not encrypted, and for each value that looks like somebody's key."""
    secret = {name for name, _, field in settings_of(kind) if field.metadata.get("secret")}
    for name, value in text.items():
        if name in secret and name not in hidden and value.strip():
            yield f"{name} (hidden): it is in plain text; to encrypt it: pulumi config set --secret {name}"
        elif looks_like_a_key(value):
            yield (
                f"{name} (hidden): it looks like a key; keys go to Secrets Manager (fab secrets.set NAME), "
                f"never into settings: pulumi config rm {name}, and revoke it"
            )


def looks_like_a_key(value: str) -> bool:
    return _KEY.search(value) is not None
