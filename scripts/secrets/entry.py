"""A value from the person or program that has it: a hidden prompt, or standard input. Never an argument."""

import getpass
import sys
import warnings
from collections.abc import Callable
from typing import TextIO

from scripts.errors import Refused
from scripts.secrets.names import Kept
from scripts.secrets.values import LARGEST_VALUE, checked


def entered(name: Kept, source: TextIO | None = None, ask: Callable[[str], str] = getpass.getpass) -> str:
    """A checked value. At a terminal it is asked for twice, because nobody sees what is typed. Raises Refused."""
    given = sys.stdin if source is None else source
    return checked(name, _asked(name, ask) if given.isatty() else _read(name, given))


def _asked(name: Kept, ask: Callable[[str], str]) -> str:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", getpass.GetPassWarning)
            first, second = ask(f"New value of {name} (not shown): "), ask("The same again: ")
    except EOFError:
        raise Refused(f"{name}: nothing was given") from None
    except getpass.GetPassWarning:
        raise Refused("this terminal cannot hide what is typed: give the value on standard input") from None
    if first != second:
        raise Refused(f"{name}: the two entries differ, nothing was changed")
    return first


def _read(name: Kept, source: TextIO) -> str:
    """One character more than can be right, so that a value that is too long is refused and not cut."""
    try:
        return source.read(LARGEST_VALUE + 3)
    except UnicodeDecodeError:
        raise Refused(f"{name}: standard input is not text") from None
