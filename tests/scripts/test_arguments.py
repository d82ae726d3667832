"""Strings into typed values, refused before anything runs."""

from enum import StrEnum
from typing import Any

import pytest

from scripts.arguments import required, typed
from scripts.errors import UsageAsked, WrongUsage


class Size(StrEnum):
    """Two of something."""

    SMALL = "small"
    LARGE = "large"


def body(run: object, name: str, size: Size | None = None, rate: float = 2.5, also: list[str] | None = None) -> None:
    """A task's function."""


def given(**values: Any) -> dict[str, Any]:
    return typed(body, {"name": "x", "size": None, "rate": None, "also": [], **values})


def test_parameters_without_default_are_positional() -> None:
    assert required(body) == ["name"]


def test_values_come_in_their_types_and_defaults_stay() -> None:
    assert given(size="large", also=["a", "b"]) == {"name": "x", "size": Size.LARGE, "rate": 2.5, "also": ["a", "b"]}


@pytest.mark.parametrize("value", ["", "-x", "--dry", "--version"])
def test_a_value_that_is_no_value_is_wrong_usage(value: str) -> None:
    with pytest.raises(WrongUsage, match="--name: expected a value"):
        given(name=value)


@pytest.mark.parametrize("value", ["--help", "-h"])
def test_help_in_a_values_place_is_a_question(value: str) -> None:
    with pytest.raises(UsageAsked):
        given(name=value)


@pytest.mark.parametrize(
    ("values", "says"),
    [({"size": "huge"}, "--size: expected small or large"), ({"rate": "fast"}, "--rate: expected a number")],
)
def test_the_wrong_kind_says_what_was_expected(values: dict[str, str], says: str) -> None:
    with pytest.raises(WrongUsage, match=says):
        given(**values)


def test_a_repeated_flag_checks_each_value() -> None:
    with pytest.raises(WrongUsage, match="--also"):
        given(also=["a", ""])
