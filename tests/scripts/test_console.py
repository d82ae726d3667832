"""How a command speaks."""

from io import StringIO

import pytest

from scripts.console import Console
from scripts.errors import Refused
from tests.scripts.fake_clock import FakeClock


def test_a_step_is_one_participle_line_with_the_seconds_since_the_beginning() -> None:
    clock, out = FakeClock(), StringIO()
    console = Console(out, out, clock.monotonic, interactive=False)
    clock.advance(2.5)
    with console.step("wait", "Waiting for it"):
        clock.advance(4)
    assert out.getvalue() == "     2.5 s Waiting for it…\n"
    assert (console.steps[0].name, console.steps[0].seconds, console.steps[0].result) == ("wait", 4.0, "done")


def test_a_step_that_failed_is_kept_as_failed() -> None:
    console = Console(StringIO(), StringIO(), interactive=False)
    with pytest.raises(ValueError, match="no"), console.step("one", "Doing one"):
        raise ValueError("no")
    assert console.steps[0].result == "failed"


@pytest.mark.parametrize(("answer", "goes_on"), [("y\n", True), ("yes\n", True), ("\n", False), ("n\n", False)])
def test_a_question_defaults_to_no(answer: str, goes_on: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", StringIO(answer))
    console = Console(StringIO(), StringIO(), interactive=True)
    if goes_on:
        console.confirm("Go on?", consented=False)
    else:
        with pytest.raises(Refused, match="not confirmed"):
            console.confirm("Go on?", consented=False)
