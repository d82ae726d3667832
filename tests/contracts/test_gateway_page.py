"""docs/gateway.md names every reason and every metric of the gateway, and no other."""

import re
from io import BytesIO
from pathlib import Path

from gateway.composition import compose
from gateway.drain import Drain
from gateway.outcome import UNHEALTHY, Reason
from gateway.upstream.client import Transport

from tests.gateway.stage import settings

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "gateway.md").read_text()


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
    parts = compose(settings("http://vllm", None), Drain(1.0, 0.0), Transport(1.0), BytesIO())
    text = parts.metrics.exposition().decode()
    kept = {name for name in re.findall(r"^# TYPE (switchyard_\w+) ", text, re.M) if not name.endswith("_created")}
    assert set(re.findall(r"`(switchyard_\w+?)(?:\{|`)", PAGE)) == kept
