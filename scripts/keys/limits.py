"""What may be asked for on the command line when a key is made. Pure; raises WrongUsage."""

import math
import re
from decimal import Decimal

from scripts.errors import WrongUsage
from scripts.keys.client_key import Limits
from stacks.external_fallback import ExternalFallback

# Names end up in logs, metrics and sort keys of the usage table, where `#` divides.
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")


def named(name: str) -> str:
    if not _NAME.fullmatch(name):
        raise WrongUsage(
            f"NAME {name!r}: expected up to 64 letters, digits, dots, dashes and underscores, the first a letter or a "
            "digit"
        )
    return name


def asked(
    requests_per_minute: int | None,
    tokens_per_minute: int | None,
    monthly_budget_usd: float | None,
    models: str | None,
    external_fallback: ExternalFallback | None,
) -> Limits:
    return Limits(
        _above_zero("requests-per-minute", requests_per_minute),
        _above_zero("tokens-per-minute", tokens_per_minute),
        _usd(monthly_budget_usd),
        _models(models),
        external_fallback or ExternalFallback.ALLOW,
    )


def _above_zero(flag: str, value: int | None) -> int | None:
    if value is not None and value < 1:
        raise WrongUsage(f"--{flag} {value}: expected 1 or more; to end a key: fab keys.revoke")
    return value


def _usd(value: float | None) -> str | None:
    if value is None:
        return None
    if not 0 < value < math.inf:
        raise WrongUsage(f"--monthly-budget-usd {value:g}: expected a sum above 0")
    return format(Decimal(str(value)).normalize(), "f")


def _models(text: str | None) -> tuple[str, ...] | None:
    if text is None:
        return None
    names = tuple(part.strip() for part in text.split(","))
    if not all(names) or len(set(names)) < len(names):
        raise WrongUsage(f"--models {text}: expected different names with a comma between them")
    return names
