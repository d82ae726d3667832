"""docs/gateway.md names every reason and every metric of the gateway, and no other; nor does anybody else."""

import re
from io import BytesIO
from pathlib import Path

from gateway.composition import compose
from gateway.drain import Drain
from gateway.outcome import UNHEALTHY, Reason
from gateway.upstream.client import Transport

from tests.gateway.stage import settings

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "gateway.md").read_text()
READERS = ("monitoring", "runbooks", "docs", "scripts", "stacks", "rehearsal")


def rows() -> dict[str, str]:
    """The table of reasons: each reason, and what its breaker column says."""
    section = PAGE.split("## When a tier is left")[1].split("\n\n**")[0]
    lines = [line.split("|") for line in section.splitlines() if line.startswith("| `")]
    return {name: cells[3].strip() for cells in lines for name in re.findall(r"`(\w+)`", cells[1])}


def test_it_explains_every_reason_and_no_other() -> None:
    assert set(rows()) == set(Reason)


def test_it_says_which_reasons_a_breaker_counts() -> None:
    assert {name for name, counts in rows().items() if counts == "yes"} == UNHEALTHY


def test_it_lists_every_metric_and_no_other() -> None:
    assert set(re.findall(r"`(switchyard_\w+?)(?:\{|`)", PAGE)) == metrics()


def test_whoever_reads_a_metric_reads_one_that_exists() -> None:
    files = [path for folder in READERS for path in (ROOT / folder).rglob("*.*") if "__pycache__" not in path.parts]
    named = {name for path in files for name in re.findall(r"\bswitchyard_[a-z_]+", path.read_text())}
    assert "switchyard_cost_usd_total" in named
    assert {re.sub(r"_(bucket|count|sum)$", "", name) for name in named} <= metrics()


def metrics() -> set[str]:
    parts = compose(settings("http://vllm", None), Drain(1.0, 0.0), Transport(1.0), BytesIO())
    text = parts.metrics.exposition().decode()
    return {name for name in re.findall(r"^# TYPE (switchyard_\w+) ", text, re.M) if not name.endswith("_created")}
