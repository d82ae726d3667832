"""Whether prompts may leave for OpenAI. Not in the schema: a task's flag names it, and no task needs the rest."""

from enum import StrEnum


class ExternalFallback(StrEnum):
    """Whether a request may leave for OpenAI when vLLM cannot answer it: of an environment, and of a client's key."""

    ALLOW = "allow"
    NEVER = "never"
