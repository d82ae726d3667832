"""The settings of one environment: the only reader of `pulumi.Config`.

Owns the reading. The shape of what is read is in `schema.py`, how settings must relate to each other in `relations/`.
"""

from collections.abc import Mapping
from collections.abc import Set as AbstractSet

import pulumi
from pulumi.runtime import config as runtime_config

from stacks.errors import NameTooLong, SettingsError
from stacks.naming import Names
from stacks.plain_text import in_plain_text, looks_like_a_key
from stacks.reading import build, read
from stacks.relations import broken
from stacks.schema import Settings


def load() -> Settings:
    """The settings of the stack that runs. Raises SettingsError with every problem at once."""
    project = pulumi.get_project()
    found = {**runtime_config.get_config_env(), **runtime_config.CONFIG.get()}
    mine = {key.partition(":")[2]: str(value) for key, value in found.items() if key.startswith(f"{project}:")}
    hidden = {key for key in mine if runtime_config.is_config_secret(f"{project}:{key}")}
    return parse(pulumi.get_stack(), mine, hidden)


def parse(environment: str, text: Mapping[str, str], hidden: AbstractSet[str]) -> Settings:
    """Settings from text, by key; `hidden` are the keys that Pulumi keeps encrypted.

    Raises SettingsError with every problem at once.
    """
    problems = [*_unusable_name(environment), *in_plain_text(Settings, text, hidden)]
    values, unreadable = read(Settings, text)
    problems += unreadable
    # A rule's sentence repeats the values that it names.
    nameable = {key: value for key, value in values.items() if not looks_like_a_key(text.get(key, ""))}
    problems += broken({**nameable, "environment": environment})
    if problems:
        raise SettingsError(problems)
    return build(Settings, {**values, "environment": environment})


def _unusable_name(environment: str) -> list[str]:
    try:
        Names(environment)
    except NameTooLong as error:
        return [str(error)]
    return []
