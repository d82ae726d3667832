"""`make docs` writes docs/cost.md of what this prints: the page about cost, with the tables as the task prints them.

A test compares the page with what this prints, so it is true of the program as it is.
"""

import sys
from collections.abc import Callable
from pathlib import Path

from scripts.cost.assumptions import Assumptions
from scripts.cost.model import Bill, Price
from scripts.cost.prices import TABLE, load, read
from scripts.cost.pricing import bill
from scripts.cost.scene import Scene
from scripts.cost.text import text
from stacks.offline.declaration import Program, declared

_PAGE = Path(__file__).with_name("page.md")
# As the flags of the line that the page shows.
_QUIET = Assumptions(requests_per_month=100_000, gb_processed=50, log_gb=1, delivered_log_gb=1, stored_gb=50)
# For people a month, of the second article.
_PEOPLE_USD = 4000


def page(of: Callable[[str], Program] = declared) -> str:
    """The whole page. `of` says what an environment declares."""
    staging, production = _bill(of("staging"), _QUIET), _bill(of("production"), Assumptions())
    parts = {
        "staging": text(staging),
        "production": text(production),
        "staging_requests": _requests(staging),
        "production_requests": _requests(production),
        "production_people": _requests(production, _PEOPLE_USD),
        "prices": _prices(),
    }
    found = _PAGE.read_text()
    for name, part in parts.items():
        found = found.replace(f"@{name}@", part)
    return found


def _bill(program: Program, month: Assumptions) -> Bill:
    return bill(program, load(Scene(program).manifest.region), month)


def _requests(found: Bill, more_usd: float = 0) -> str:
    """How many requests at OpenAI cost as much as what stands at rest."""
    if not found.request_usd:
        return "an unknown number of"
    return f"{(found.idle_monthly_usd() + more_usd) / found.request_usd:,.0f}"


def _prices() -> str:
    rows = [_row(price) for price in read(TABLE).values()]
    return "\n".join(("| price | $ | for a | region | read | from |", "|---|---|---|---|---|---|", *rows))


def _row(price: Price) -> str:
    if price.usd is None:
        return f"| {price.key} | not priced | {price.unit} | | | {price.unpriced}; see [the seller]({price.check}) |"
    where = f"[{price.kind}]({price.source})" if price.source.startswith("https://") else f"{price.kind}"
    note = f"; {price.note}" if price.note else ""
    return f"| {price.key} | {price.usd:g} | {price.unit} | {price.region} | {price.as_of} | {where}{note} |"


if __name__ == "__main__":
    sys.stdout.write(page())
