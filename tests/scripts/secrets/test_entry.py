"""Where a value comes from: a prompt that hides it, or standard input."""

import getpass
import warnings
from io import BytesIO, StringIO, TextIOWrapper

import pytest

from scripts.errors import Refused
from scripts.secrets.entry import entered
from scripts.secrets.names import Kept

GOOD = "k3y-" + "a" * 40


class Terminal(StringIO):
    def isatty(self) -> bool:
        return True


def test_a_pipe_is_read_without_asking() -> None:
    assert entered(Kept.SMOKE_KEY, StringIO(GOOD + "\n"), ask=_nobody) == GOOD


def test_a_terminal_is_asked_twice_because_nobody_sees_what_is_typed() -> None:
    answers = iter([GOOD, GOOD])
    assert entered(Kept.SMOKE_KEY, Terminal(), ask=lambda _prompt: next(answers)) == GOOD


def test_two_different_entries_change_nothing() -> None:
    answers = iter([GOOD, GOOD + "x"])
    with pytest.raises(Refused, match="the two entries differ"):
        entered(Kept.SMOKE_KEY, Terminal(), ask=lambda _prompt: next(answers))


def test_a_terminal_that_would_echo_is_refused() -> None:
    def echoing(_prompt: str) -> str:
        warnings.warn("Can not control echo on the terminal.", getpass.GetPassWarning, stacklevel=2)
        return GOOD

    with pytest.raises(Refused, match="cannot hide what is typed"):
        entered(Kept.SMOKE_KEY, Terminal(), ask=echoing)


def test_the_end_of_input_at_the_prompt_is_a_refusal() -> None:
    def closed(_prompt: str) -> str:
        raise EOFError

    with pytest.raises(Refused, match="nothing was given"):
        entered(Kept.SMOKE_KEY, Terminal(), ask=closed)


def test_a_value_that_is_too_long_is_not_cut_to_fit() -> None:
    with pytest.raises(Refused, match="at most 65536"):
        entered(Kept.SMOKE_KEY, StringIO("k" * 70000), ask=_nobody)


def test_bytes_that_are_no_text_are_refused_without_showing_them() -> None:
    with pytest.raises(Refused, match="is not text") as refused:
        entered(Kept.SMOKE_KEY, TextIOWrapper(BytesIO(b"\xff\xfe secret"), encoding="utf-8"), ask=_nobody)
    assert refused.value.__suppress_context__


def _nobody(_prompt: str) -> str:
    raise AssertionError("a pipe was asked")
