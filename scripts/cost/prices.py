"""The price table: the kit's own (`prices.toml`, which says how to read it), and over it somebody's own."""

import tomllib
from collections.abc import Mapping
from dataclasses import fields, replace
from datetime import date
from pathlib import Path
from typing import Any

from scripts.cost.model import IN_TABLES, Kind, Price, Prices
from scripts.errors import Refused
from stacks.manifest import Capacity

TABLE = Path(__file__).with_name("prices.toml")
ANYWHERE = "any"
_TEXTS = ("unit", "unpriced", "region", "source", "check", "note")


def load(region: str, own: Path | None = None) -> Prices:
    """Every price for a region. One that is another region's is unpriced here.

    Raises Refused for a table that cannot be read, naming the entry.
    """
    known = {key: _here(price, region) for key, price in read(TABLE).items()}
    mine = read(own) if own is not None else {}
    unknown = sorted(set(mine) - set(known))
    if unknown:
        raise Refused(f"{own}: {', '.join(unknown)} is not in {TABLE.name}, whose keys it must use")
    return {**known, **{key: _here(price, region) for key, price in mine.items()}}


def with_hosts(prices: Prices, capacity: Capacity, region: str) -> Prices:
    """The same, and for the hosts' type what the settings say, where no table has it."""
    key = f"ec2.{capacity.instance_type}"
    if prices[key].usd is not None:
        return prices
    source = "hourlyUsd in the settings"
    found = replace(prices[key], usd=capacity.hourly_usd, unpriced="", region=region, source=source, kind=Kind.SETTINGS)
    return {**prices, key: found}


def read(file: Path) -> dict[str, Price]:
    """The entries of a table, whatever region they are of."""
    try:
        found = tomllib.loads(file.read_text())
    except (OSError, tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise Refused(f"the price table {file} cannot be read: {error}") from error
    return {key: _price(file, key, entry) for key, entry in found.items()}


def _price(file: Path, key: str, entry: Any) -> Price:
    problem = _problem(entry)
    if problem:
        raise Refused(f"the price table {file}, entry {key}: {problem}; scripts/cost/{TABLE.name} shows how one looks")
    return Price(key=key, **{**entry, "kind": Kind(entry["kind"]) if "kind" in entry else None})


def _problem(entry: Any) -> str:
    if not isinstance(entry, Mapping):
        return f"expected an entry, found {entry!r}"
    unknown = set(entry) - {field.name for field in fields(Price)} | {"key"} & set(entry)
    if unknown:
        return f"unknown {', '.join(sorted(unknown))}"
    if any(not isinstance(entry.get(name, ""), str) for name in _TEXTS) or not entry.get("unit"):
        return "expected texts, and a unit"
    if ("usd" in entry) == ("unpriced" in entry):
        return "expected usd, or unpriced with the reason"
    return "" if "unpriced" in entry else _unsourced(entry)


def _unsourced(entry: Mapping[str, Any]) -> str:
    usd = entry["usd"]
    if isinstance(usd, bool) or not isinstance(usd, int | float) or not 0 <= usd < float("inf"):
        return f"usd is {usd!r}"
    if not entry.get("region") or not entry.get("source") or not isinstance(entry.get("as_of"), date):
        return "a price needs region, source and as_of (a date)"
    return (
        ""
        if entry.get("kind") in IN_TABLES
        else f"kind is {entry.get('kind')!r}, expected one of {', '.join(IN_TABLES)}"
    )


def _here(price: Price, region: str) -> Price:
    if price.usd is None or price.region in (region, ANYWHERE):
        return price
    return replace(price, usd=None, unpriced=f"known for {price.region} only: give --region-prices FILE")
