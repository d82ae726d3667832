"""Who made the answers, from planted records and generations."""

from dataclasses import replace

import pytest

from rehearsal.generations import Generation, Upstream
from rehearsal.traffic.origins import UNNAMED, answered_elsewhere, wrong_model_ids
from rehearsal.traffic.record import Outcome, Record

GOOD = Record("a", 0.0, "node", False, 200, Outcome.ANSWERED, None, "blue", "green", "r-1", "vllm")


def made(colour: str | None, upstream: Upstream = Upstream.VLLM) -> Generation:
    return Generation("a", upstream, colour, "kestrel", 0.0)


def test_answers_of_another_tier_are_counted_by_tier() -> None:
    records = [GOOD, replace(GOOD, tier="openai"), replace(GOOD, tier="openai"), replace(GOOD, tier=None)]
    assert answered_elsewhere(records) == {"openai": 2, UNNAMED: 1}


@pytest.mark.parametrize("outcome", [Outcome.LOST, Outcome.CUT, Outcome.REFUSED, None])
def test_what_was_not_answered_was_answered_by_nobody(outcome: Outcome | None) -> None:
    assert answered_elsewhere([replace(GOOD, tier=None, outcome=outcome)]) == {}


@pytest.mark.parametrize(
    ("generations", "wrong"),
    [
        ([made("green")], ()),
        ([made("blue")], ("a",)),
        ([made(None, Upstream.OPENAI)], ("a",)),
        ([made("blue"), made("green")], ()),
        ([], ()),
    ],
    ids=["as named", "the other colour", "not vLLM", "one of two, which is a duplicate", "left before its end"],
)
def test_a_reply_must_name_the_colour_that_generated_it(generations: list[Generation], wrong: tuple[str, ...]) -> None:
    assert wrong_model_ids([GOOD], generations) == wrong


def test_an_answer_of_another_tier_names_no_vllm() -> None:
    assert wrong_model_ids([replace(GOOD, tier="openai", model_colour=None)], [made(None, Upstream.OPENAI)]) == ()
