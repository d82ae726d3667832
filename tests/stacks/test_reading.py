"""Text to typed values, whatever the settings are."""

from dataclasses import dataclass, field

from stacks.reading import build, key, read


@dataclass(frozen=True)
class Inner:
    poll_seconds: float
    pin_code: int = field(metadata={"secret": True})


@dataclass(frozen=True)
class Outer:
    environment: str
    inner: Inner


def test_a_setting_is_named_after_its_field() -> None:
    assert key("stream_limit_seconds") == "streamLimitSeconds"


def test_values_find_their_place_in_the_groups() -> None:
    values, problems = read(Outer, {"pollSeconds": " 0.5 ", "pinCode": "7"})
    assert problems == []
    assert build(Outer, {**values, "environment": "e"}) == Outer("e", Inner(0.5, 7))


def test_a_secret_that_cannot_be_read_is_not_repeated() -> None:
    _, problems = read(Outer, {"pollSeconds": "fast", "pinCode": "hunter2"})
    assert problems == ["pollSeconds 'fast': expected a number", "pinCode: expected a whole number"]


def test_the_stacks_name_is_no_setting() -> None:
    _, problems = read(Outer, {"pollSeconds": "1", "pinCode": "1", "environment": "production"})
    assert len(problems) == 1 and problems[0].startswith("environment: no such setting")
