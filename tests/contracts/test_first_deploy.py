"""The road from an empty account: its figures are those of `fab stack.cost`, and cost is told before it begins."""

import re
from pathlib import Path

import pytest

DOCS = Path(__file__).resolve().parents[2] / "docs"
ROAD, COST = (DOCS / "first-deploy.md").read_text(), (DOCS / "cost.md").read_text()


def printed_sums(environment: str) -> tuple[float, float]:
    """Dollars an hour at rest and during a release, as on the page of costs."""
    chapter = COST.partition(f"## {environment.title()}")[2]
    found = re.search(r"^sum +([\d.]+) +[\d.]+ +([\d.]+)", chapter, re.MULTILINE)
    assert found
    return float(found[1]), float(found[2])


def told(row: str, environment: str) -> float:
    (line,) = [line for line in ROAD.splitlines() if line.startswith(f"| {row}")]
    cell = line.split("|")[2 if environment == "staging" else 3]
    found = re.search(r"\$([\d.]+)", cell)
    assert found
    return float(found[1])


@pytest.mark.parametrize("environment", ["staging", "production"])
def test_the_cost_that_is_told_is_the_cost_that_is_printed(environment: str) -> None:
    at_rest, releasing = printed_sums(environment)
    assert told("at rest", environment) == pytest.approx(at_rest, abs=0.06)
    assert told("while a release", environment) == pytest.approx(releasing, abs=0.06)


@pytest.mark.parametrize(("environment", "running"), [("staging", ("GPU hosts", "their disks", "Fargate tasks"))])
def test_what_costs_before_a_release_is_what_does_not_run(environment: str, running: tuple[str, ...]) -> None:
    chapter = COST.partition(f"## {environment.title()}")[2].partition("\nsum")[0]
    lines = [line for line in chapter.splitlines() if line.startswith(running)]
    hourly = sum(float(re.split(r"  +", line)[2]) for line in lines)
    assert told("after `pulumi up`", environment) == pytest.approx(printed_sums(environment)[0] - hourly, abs=0.02)


def test_cost_is_told_before_the_first_step_that_costs() -> None:
    assert ROAD.index("What it costs") < ROAD.index("fab stack.bootstrap") < ROAD.index("pulumi up\n```")
