"""The price table: sourced and dated, or unpriced with a reason."""

from datetime import date
from pathlib import Path

import pytest

from scripts.cost.model import Kind
from scripts.cost.prices import TABLE, load, read
from scripts.errors import Refused

OWN = """
["nat.hour"]
usd = 0.05
unit = "gateway-hour"
region = "eu-west-1"
source = "our contract"
as_of = 2026-11-01
kind = "primary"
"""


@pytest.fixture
def own(tmp_path: Path) -> Path:
    file = tmp_path / "prices.toml"
    file.write_text(OWN)
    return file


def test_every_price_has_a_source_a_date_and_a_page_that_decides() -> None:
    for price in read(TABLE).values():
        assert price.check.startswith("https://"), price
        assert (price.usd is None) == bool(price.unpriced), price
        if price.usd is not None:
            assert price.source and price.as_of is not None and date(2024, 1, 1) <= price.as_of, price


def test_a_secondary_source_is_never_called_primary() -> None:
    sellers = ("https://aws.amazon.com/",)
    wrong = [one.key for one in read(TABLE).values() if one.kind is Kind.PRIMARY and not one.source.startswith(sellers)]
    assert wrong == []


def test_another_regions_price_is_no_price() -> None:
    assert load("us-east-1")["nat.hour"].usd is not None
    elsewhere = load("eu-west-1")
    assert elsewhere["nat.hour"].usd is None
    assert "us-east-1 only" in elsewhere["nat.hour"].unpriced
    assert elsewhere["waf.acl"].usd is not None


def test_ones_own_table_comes_first_where_it_has_a_price(own: Path) -> None:
    found = load("eu-west-1", own)
    assert (found["nat.hour"].usd, found["nat.hour"].source) == (0.05, "our contract")
    assert found["alb.hour"].usd is None


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ('"nat.hour"', '"nat.hours"', "nat.hours is not in prices.toml"),
        ("usd = 0.05", 'usd = "0.05"', "usd is '0.05'"),
        ("usd = 0.05", "usd = -1", "usd is -1"),
        ("usd = 0.05", "", "expected usd, or unpriced"),
        ('unit = "gateway-hour"', "", "a unit"),
        ("as_of = 2026-11-01", "", "as_of"),
        ('kind = "primary"', 'kind = "hearsay"', "kind is 'hearsay'"),
        ('kind = "primary"', 'kind = "settings"', "kind is 'settings', expected one of primary, secondary, article"),
        ("usd = 0.05", "usd = 0.05\nprice = 1", "unknown price"),
        ("usd = 0.05", "usd = = 1", "cannot be read"),
    ],
)
def test_a_table_that_is_wrong_is_refused_with_its_entry(own: Path, before: str, after: str, said: str) -> None:
    own.write_text(OWN.replace(before, after))
    with pytest.raises(Refused, match=said):
        load("eu-west-1", own)


def test_a_table_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="cannot be read"):
        load("us-east-1", tmp_path / "none.toml")
