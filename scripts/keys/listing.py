"""What `keys.list` shows: every key with its limits, and what it used this month. Pure."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from scripts.keys.client_key import ClientKey, Limits
from scripts.keys.use import Use
from stacks.external_fallback import ExternalFallback


@dataclass(frozen=True)
class Listing:
    """`used` also has clients whose keys are in the secret api-keys; `unreadable` counts items that are no keys."""

    environment: str
    month: str
    keys: tuple[ClientKey, ...]
    used: Mapping[str, Use]
    unreadable: int = 0

    @property
    def text(self) -> str:
        lines = [line for key in self.keys for line in self._lines(key)] or ["no key in the table yet"]
        lines += [f"{name}  (a key of the secret api-keys)\n    {self._use(name)}" for name in self._others()]
        if self.unreadable:
            lines.append(f"{self.unreadable} items in the table are no keys that this kit can read")
        return "\n".join(lines)

    @property
    def body(self) -> dict[str, Any]:
        return {
            "environment": self.environment,
            "month": self.month,
            "keys": [self._object(key) for key in self.keys],
            "others": [{"name": name, "used": self._used(name)} for name in self._others()],
            "unreadable": self.unreadable,
        }

    def _others(self) -> list[str]:
        return sorted(set(self.used) - {key.name for key in self.keys})

    def _lines(self, key: ClientKey) -> list[str]:
        state = (
            "valid" if key.is_valid else f"revoked {key.revoked_at}{f' by {key.revoked_by}' if key.revoked_by else ''}"
        )
        return [
            f"{key.name}  {state}  (sha256 {key.short}…, created {key.created_at} by {key.created_by})",
            f"    {_limits(key.limits)}",
            f"    {self._use(key.name)}",
        ]

    def _use(self, name: str) -> str:
        used = self.used.get(name, Use())
        return f"{self.month}: {used.requests:,} requests, {used.tokens:,} tokens, ${used.usd:,.2f}"

    def _used(self, name: str) -> dict[str, Any]:
        used = self.used.get(name, Use())
        return {**asdict(used), "usd": used.usd}

    def _object(self, key: ClientKey) -> dict[str, Any]:
        return {
            "name": key.name,
            "sha256_begins": key.short,
            "created_at": key.created_at,
            "created_by": key.created_by,
            "revoked_at": key.revoked_at,
            "revoked_by": key.revoked_by,
            **asdict(key.limits),
            "used": self._used(key.name),
        }


def _limits(limits: Limits) -> str:
    found = []
    if limits.requests_per_minute is not None:
        found.append(f"{limits.requests_per_minute:,} requests a minute")
    if limits.tokens_per_minute is not None:
        found.append(f"{limits.tokens_per_minute:,} tokens a minute")
    if limits.monthly_budget_usd is not None:
        found.append(f"${limits.monthly_budget_usd} a month")
    if limits.models is not None:
        found.append(f"only {', '.join(limits.models)}")
    if limits.external_fallback is ExternalFallback.NEVER:
        found.append("never to OpenAI")
    return "; ".join(found) or "no limits of its own"
