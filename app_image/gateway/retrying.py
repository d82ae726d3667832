"""Whether a tier may be asked once more, and after which pause. It is the chain that asks."""

import random
from collections.abc import Callable

from gateway.outcome import Reason
from gateway.settings import RetryPolicy

_RETRIED = frozenset({Reason.CONNECT_FAILED, Reason.RESET, Reason.SERVER_ERROR})
# What fails later has already cost the client time that the next tier needs.
_SOON_SECONDS = 0.5
# The module's own generator may be seeded, and tasks would come back together.
_CHANCE = random.SystemRandom()


def may_retry(reason: str, elapsed_seconds: float) -> bool:
    """`elapsed_seconds`: since the tier was asked. A silent or timed-out upstream is never asked again."""
    return reason in _RETRIED and elapsed_seconds <= _SOON_SECONDS


class RetryBudget:
    """Of all tiers together: how many second tries may be out, by the number of requests in flight.

    When everything fails, second tries would double the load of what is already in trouble.
    """

    def __init__(
        self, policy: RetryPolicy, in_flight: Callable[[], int], random: Callable[[], float] = _CHANCE.random
    ) -> None:
        self._policy = policy
        self._in_flight = in_flight
        self._random = random
        self._out = 0

    def take(self) -> bool:
        """False: the budget is used up. Whoever took gives back when the second try has ended."""
        if self._out + 1 > max(self._policy.minimum, self._policy.share * self._in_flight()):
            return False
        self._out += 1
        return True

    def give_back(self) -> None:
        """The second try has ended, however it did."""
        self._out -= 1

    def pause_seconds(self) -> float:
        """Full jitter: requests that failed together must not come back together."""
        return self._policy.jitter_seconds * self._random()
