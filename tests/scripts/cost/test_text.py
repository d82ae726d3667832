"""What a reader sees: sums, what they leave out, and how far to trust them."""

import json
import math

import pytest

from scripts.cost.assumptions import Assumptions, checked
from scripts.cost.prices import load
from scripts.cost.pricing import bill
from scripts.cost.text import body, text
from scripts.errors import WrongUsage
from tests.scripts.cost.declared import hosts, program, resource

CLUSTER = resource("aws:ecs/cluster:Cluster", "one", settings=[{"name": "containerInsights", "value": "enabled"}])
FOUND = bill(program(hosts(), CLUSTER), load("us-east-1"), Assumptions())
SHOWN = text(FOUND)


def test_a_line_shows_counts_hours_and_months_of_both_moments() -> None:
    (line,) = [line for line in SHOWN.splitlines() if line.startswith("GPU hosts")]
    assert line.split()[-6:] == ["2", "2.0120", "1468.76", "4", "4.0240", "2937.52"]


def test_what_is_not_priced_says_so_in_its_line_and_below_the_sum() -> None:
    (line,) = [line for line in SHOWN.splitlines() if line.startswith("Container Insights")]
    assert line.count("not priced") == 2
    assert "Not in the sums: Container Insights (billed as custom metrics" in SHOWN


def test_a_price_of_the_settings_is_called_so_in_its_line_below_and_in_the_object() -> None:
    large = program(hosts("g5.12xlarge"), host=("g5.12xlarge", 5.5))
    found = bill(large, load("us-east-1"), Assumptions())
    (line,) = [line for line in text(found).splitlines() if line.startswith("GPU hosts")]
    assert line.endswith("price from the settings")
    assert "ec2.g5.12xlarge at $5.5 a host-hour in us-east-1 is hourlyUsd in the settings, in no table" in text(found)
    assert "settings" not in SHOWN
    assert body(found)["prices"]["ec2.g5.12xlarge"]["kind"] == "settings"


def test_both_ways_to_count_a_month_are_stated() -> None:
    assert "a month of 730 hours" in SHOWN
    assert "of 720, as the articles count" in SHOWN


def test_an_unconfirmed_price_is_called_so_where_it_is_used() -> None:
    assert "$0.634 an hour would save $543.12 a month (the articles' price, unconfirmed)" in SHOWN
    assert "prices are second-hand" in SHOWN


def test_the_object_has_the_same_sums_and_the_source_of_each_price() -> None:
    found = json.loads(json.dumps(body(FOUND)))
    assert found["idle_monthly_usd"] == pytest.approx(FOUND.idle_monthly_usd())
    assert found["prices"]["ec2.g5.xlarge"]["source"].startswith("https://")
    assert found["lines"][-1]["idle"]["monthly_usd"] is None
    assert list(found["unpriced"]) == ["Container Insights"]


@pytest.mark.parametrize(
    ("flag", "value"),
    [
        ("requests_per_month", -1),
        ("log_gb", math.nan),
        ("stored_gb", math.inf),
        ("fallback_share", 1.5),
        ("scrape_seconds", 0),
    ],
)
def test_a_month_that_cannot_be_is_refused_by_its_flag(flag: str, value: float) -> None:
    with pytest.raises(WrongUsage, match="--" + flag.replace("_", "-")):
        checked(Assumptions(**{flag: value}))
