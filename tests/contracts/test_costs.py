"""Every resource that an environment declares has a price or a reason to be free, and the page about cost is true."""

from collections.abc import Callable
from pathlib import Path

import pytest

from scripts.cost.assumptions import Assumptions
from scripts.cost.families import FAMILIES
from scripts.cost.free import FREE
from scripts.cost.page import page
from scripts.cost.prices import load
from scripts.cost.pricing import bill, unknown_types
from stacks.offline.declaration import Program

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(params=["rehearsal", "staging", "production"])
def program(declared: Callable[[str], Program], request: pytest.FixtureRequest) -> Program:
    return declared(request.param)


def test_every_declared_type_is_priced_or_free(program: Program) -> None:
    assert unknown_types(program) == [], "price it in scripts/cost/families/, or list it in scripts/cost/free.py"


def test_every_environment_has_a_bill(program: Program) -> None:
    found = bill(program, load("us-east-1"), Assumptions())
    assert found.idle_monthly_usd() > 500
    assert found.releasing_monthly_usd > found.idle_monthly_usd()


def test_no_type_is_both_priced_and_free() -> None:
    priced = [token for family in FAMILIES for token in family.types]
    assert len(priced) == len(set(priced))
    assert set(priced) & set(FREE) == set()


def test_the_page_about_cost_is_what_the_program_declares_now(declared: Callable[[str], Program]) -> None:
    written = (ROOT / "docs/cost.md").read_text()
    assert written == page(declared), "write it anew: make docs"
