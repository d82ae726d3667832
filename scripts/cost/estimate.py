"""The one place that asks what an environment declares, and puts prices to it."""

from pathlib import Path

from scripts.cost.assumptions import Assumptions
from scripts.cost.model import Bill
from scripts.cost.prices import load, read
from scripts.cost.pricing import bill
from scripts.cost.scene import Scene
from scripts.errors import Refused
from stacks.errors import StacksError
from stacks.offline.declaration import declared


def estimate(environment: str, month: Assumptions, own_prices: Path | None = None) -> Bill:
    """What an environment costs with this use. Raises Refused where its settings or a price table cannot be read."""
    from scripts.environment import known

    if environment not in known():
        raise Refused(
            f"unknown environment {environment!r}: there are settings for {', '.join(known())} in stacks/settings"
        )
    if own_prices is not None:
        read(own_prices)
    try:
        program = declared(environment)
    except StacksError as error:
        raise Refused(str(error)) from error
    return bill(program, load(Scene(program).manifest.region, own_prices), month)
