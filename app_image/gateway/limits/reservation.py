"""What one request has taken from its key's limits, until it is known what it used."""

from collections.abc import Callable

from gateway.tables.counters import Address

Correct = Callable[[Address, int, int], None]
"""Adds requests and tokens (below 0: gives back) to an item's counts."""


class Reservation:
    """Exactly one of `settle` and `refund` counts, and only once. Doing neither leaves all that was reserved taken."""

    __slots__ = ("_address", "_correct", "tokens")

    def __init__(self, tokens: int = 0, correct: Correct | None = None, address: Address = ("", "")) -> None:
        self.tokens = tokens
        self._correct = correct
        self._address = address

    def settle(self, tokens: int) -> None:
        """`tokens` were used, prompts and answers."""
        self._end(0, tokens - self.tokens)

    def refund(self) -> None:
        """The request got nothing: neither it nor its tokens count."""
        self._end(-1, -self.tokens)

    def _end(self, requests: int, tokens: int) -> None:
        correct, self._correct = self._correct, None
        if correct is not None:
            correct(self._address, requests, tokens)


FREE = Reservation()
"""Of a key without limits."""
