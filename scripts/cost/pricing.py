"""From what is declared to a bill: every resource type is priced by a family, or free for a reason, or refused."""

from collections import Counter
from collections.abc import Iterable

from scripts.cost.assumptions import Assumptions
from scripts.cost.families import FAMILIES
from scripts.cost.free import FREE
from scripts.cost.model import Bill, Line, PricedLine, PricedUse, Prices, Reservable
from scripts.cost.prices import with_hosts
from scripts.cost.scene import Scene
from scripts.errors import Refused
from stacks.offline.declaration import Program

_MILLION = 1e6


def bill(program: Program, prices: Prices, month: Assumptions) -> Bill:
    """What an environment costs. Raises Refused where a type is declared that no family knows."""
    unknown = unknown_types(program)
    if unknown:
        raise Refused(
            f"what {', '.join(unknown)} costs is not known: price it in scripts/cost/families/, or list it in "
            "scripts/cost/free.py with the reason"
        )
    scene = Scene(program)
    prices = with_hosts(prices, scene.manifest.capacity, scene.manifest.region)
    lines = tuple(PricedLine(line, prices[line.price_key]) for line in _lines(scene))
    uses = [use for family in FAMILIES for use in family.uses(scene, month)]
    return Bill(
        environment=program.environment,
        region=scene.manifest.region,
        lines=lines,
        uses=tuple(PricedUse(use, prices[use.price_key]) for use in uses if use.monthly),
        free=Counter(found.type for found in program.aws if found.type in FREE),
        reservable=_reservable(lines, prices),
        request_usd=_request_usd(prices, month),
    )


def unknown_types(program: Program) -> list[str]:
    """Declared types that are neither priced nor free."""
    known = {token for family in FAMILIES for token in family.types} | set(FREE)
    return sorted({found.type for found in program.aws} - known)


def _lines(scene: Scene) -> list[Line]:
    found = (line for family in FAMILIES for line in family.lines(scene))
    return [line for line in found if line.idle or line.releasing]


def _reservable(lines: Iterable[PricedLine], prices: Prices) -> tuple[Reservable, ...]:
    keys = {one.price.key: one.price.key.replace("ec2.", "reserved.", 1) for one in lines}
    return tuple(
        Reservable(one, prices[keys[one.price.key]])
        for one in lines
        if one.line.idle and one.price.key.startswith("ec2.") and keys[one.price.key] in prices
    )


def _request_usd(prices: Prices, month: Assumptions) -> float | None:
    taken, given = prices["openai.input"].usd, prices["openai.output"].usd
    if taken is None or given is None:
        return None
    return (month.tokens_in * taken + month.tokens_out * given) / _MILLION
