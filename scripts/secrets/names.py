"""Which secrets there are, and where an environment keeps them."""

from enum import StrEnum
from typing import TYPE_CHECKING

from scripts.errors import Refused

if TYPE_CHECKING:
    from stacks.manifest import Manifest


class Kept(StrEnum):
    """Secrets in AWS Secrets Manager, which tasks read when they start."""

    API_KEYS = "api-keys"
    SMOKE_KEY = "smoke-key"
    OPENAI_KEY = "openai-key"


class Rotated(StrEnum):
    """What can be replaced. The preview token is a setting of Pulumi's and lies in the listener's rules."""

    API_KEYS = "api-keys"
    SMOKE_KEY = "smoke-key"
    OPENAI_KEY = "openai-key"
    PREVIEW_TOKEN = "preview-token"  # noqa: S105


def arn(manifest: "Manifest", name: Kept) -> str:
    """Raises Refused where the environment has no such secret."""
    found = all_arns(manifest).get(name)
    if found is None:
        raise Refused(
            f"{manifest.environment} has no {name}: external fallback is `never` there, so no prompt leaves for OpenAI "
            "and no key is kept"
        )
    return found


def all_arns(manifest: "Manifest") -> dict[Kept, str]:
    """Those that the environment has."""
    secrets = manifest.secrets
    kept = {Kept.API_KEYS: secrets.api_keys, Kept.SMOKE_KEY: secrets.smoke_key, Kept.OPENAI_KEY: secrets.openai_key}
    return {name: found for name, found in kept.items() if found}
