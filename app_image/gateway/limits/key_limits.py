"""Requests and tokens that a key may use in a minute, over all tasks, decided in this task's memory.

A minute is one of the wall clock (UTC). Each second a task adds what it admitted to the table and learns what all
tasks have. Until it asks again it admits at most its share of what was left then: (limit - used) / serving tasks,
rounded up, so that a small limit is not a limit of nothing; of tokens, one request that is larger than the share is
admitted when nothing else of this task is open.

How far a limit can be exceeded. Let N tasks serve and each know it. The task whose round was the last one that was
followed by an admission saw that this one fits; every other task has at most one share open. So in any minute at
most `limit + (N - 1) * ceil(limit / N)` requests are admitted, and of tokens as many, with the largest reservation in
place of the share where it is larger. This holds for a table that fails at any time too, which leaves each task its
last share. A task that starts or begins to serve is counted by the others only after their next report (seconds). A
reservation that was lower than what was used adds its difference.

A rejected request takes nothing. What is given back after its minute has passed is not given back to the next.
"""

import math
import time
from collections.abc import Callable, Mapping

from gateway.errors import Limit
from gateway.keys.key import Key
from gateway.limits.errors import budget_spent, limit_reached, request_too_large
from gateway.limits.reservation import FREE, Reservation
from gateway.tables.counters import Address, Counters
from gateway.tables.table import Table

SETTLE_SECONDS = 1.0
_MINUTE_SECONDS = 60
_KEPT_SECONDS = 600
_NOTHING: Mapping[str, int] = {}


class KeyLimits:
    """Of all keys. `tasks`: how many serve, this one included. `spent_nano_usd`: of a key, in this month."""

    def __init__(
        self,
        table: Table,
        tasks: Callable[[], int],
        spent_nano_usd: Callable[[str], int],
        now: Callable[[], float] = time.time,
    ) -> None:
        self._tasks = tasks
        self._spent_nano_usd = spent_nano_usd
        self._now = now
        self._used: dict[Address, Mapping[str, int]] = {}
        self._counters = Counters(table, self._used.__setitem__)
        self._minute = 0

    def reserve(self, key: Key, tokens: int) -> Reservation:
        """`tokens`: the most that the request may use. Raises ApiError 429. Waits for nothing."""
        budget = key.monthly_budget_nano_usd
        if budget is not None and key.monthly_budget_usd is not None and self._spent_nano_usd(key.name) >= budget:
            raise budget_spent(key.monthly_budget_usd)
        if key.requests_per_minute is None and key.tokens_per_minute is None:
            return FREE
        address = self._address(key.name)
        if key.tokens_per_minute is not None and tokens > key.tokens_per_minute:
            raise request_too_large(key.tokens_per_minute, tokens)
        self._check(address, Limit.REQUESTS, key.requests_per_minute, 1)
        self._check(address, Limit.TOKENS, key.tokens_per_minute, tokens)
        self._count(address, 1, tokens)
        return Reservation(tokens, self._correct, address)

    async def settle(self) -> None:
        """Tell the table, and learn from it. Raises TableFailed."""
        self._turn(self._now())
        await self._counters.settle()

    def _check(self, address: Address, unit: Limit, limit: int | None, asked: int) -> None:
        if limit is None:
            return
        left = limit - self._used.get(address, _NOTHING).get(unit, 0)
        taken = self._counters.open(address).get(unit, 0)
        if may_take(left, taken, asked, self._tasks()):
            return
        # The next round asks for the sums even if this task has nothing to add: others may have given back.
        self._count(address, 0, 0)
        is_over = left - taken < asked
        raise limit_reached(unit, limit, asked, left - taken, self._seconds_to_next() if is_over else 1)

    def _correct(self, address: Address, requests: int, tokens: int) -> None:
        current = self._address(address[1].removeprefix("key#"))
        if address == current or tokens > 0:
            self._count(current, requests, tokens)

    def _count(self, address: Address, requests: int, tokens: int) -> None:
        expires_at = int(self._now()) + _KEPT_SECONDS
        self._counters.count(address, {"requests": requests, "tokens": tokens}, expires_at)

    def _address(self, name: str) -> Address:
        return f"minute#{self._turn(self._now())}", f"key#{name}"

    def _turn(self, now: float) -> int:
        minute = int(now // _MINUTE_SECONDS)
        if minute != self._minute:
            self._minute = minute
            self._used.clear()
            ended = [address for address in self._counters if address[0] != f"minute#{minute}"]
            for address in ended:
                self._counters.forget(address)
        return minute

    def _seconds_to_next(self) -> int:
        return max(1, math.ceil(_MINUTE_SECONDS - self._now() % _MINUTE_SECONDS))


def may_take(left: int, taken: int, asked: int, tasks: int) -> bool:
    """Whether a task may take `asked`, when `left` were left at its last round and it has `taken` since (below 0: it
    gave back)."""
    return taken + asked <= left and (taken + asked <= -(-left // tasks) or taken <= 0)
