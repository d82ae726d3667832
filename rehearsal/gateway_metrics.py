"""What the gateway tasks that run now count, from the port where monitoring would read it.

Sums over all of them; a task that ended took its counts with it.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

import urllib3
from prometheus_client.parser import text_string_to_metric_families

from rehearsal.errors import RehearsalError

_PORT = 9090
_TIMEOUT = urllib3.Timeout(total=5.0)


@dataclass(frozen=True)
class TierCounts:
    """What one tier answered. `usd` is by list price."""

    requests: int = 0
    prompt_tokens: int = 0
    completion_tokens: int = 0
    usd: float = 0.0

    def since(self, before: "TierCounts") -> "TierCounts":
        return TierCounts(
            self.requests - before.requests,
            self.prompt_tokens - before.prompt_tokens,
            self.completion_tokens - before.completion_tokens,
            self.usd - before.usd,
        )


def read(addresses: Iterable[str], tier: str) -> TierCounts:
    """Ask every task. Raises RehearsalError naming one that does not answer."""
    return counts([_exposition(address) for address in addresses], tier)


def counts(expositions: Iterable[str], tier: str) -> TierCounts:
    """Add up what was answered whole; tokens and cost also of what broke off. Pure."""
    found: Counter[tuple[str, str]] = Counter()
    for exposition in expositions:
        for family in text_string_to_metric_families(exposition):
            for sample in family.samples:
                kind = sample.labels.get("kind") or sample.labels.get("status_class", "")
                if sample.labels.get("tier") == tier:
                    found[sample.name, kind] += sample.value  # type: ignore[assignment]
    return TierCounts(
        requests=int(found["switchyard_requests_total", "2xx"]),
        prompt_tokens=int(found["switchyard_tokens_total", "prompt"]),
        completion_tokens=int(found["switchyard_tokens_total", "completion"]),
        usd=float(found["switchyard_cost_usd_total", ""]),
    )


def _exposition(address: str) -> str:
    url = f"http://{address}:{_PORT}/metrics"
    try:
        answer = urllib3.request("GET", url, timeout=_TIMEOUT, retries=False)
    except urllib3.exceptions.HTTPError as error:
        raise RehearsalError(
            f"{url} does not answer ({error}): see the task's log in the rehearsal's folder"
        ) from error
    return answer.data.decode()
