"""In which order requests go once somebody has switched, and what that takes and costs."""

import pytest

from scripts.cost.prices import ANYWHERE, load
from scripts.switches import consent
from scripts.switches.tier import NORMAL, Mode, Modes, Tier, changes, forced, order

VLLM, OPENAI, CACHE = Tier
NO_OPENAI = (VLLM, CACHE)
COST = consent.openai_cost(load(ANYWHERE))


def off(*tiers: Tier) -> Modes:
    return {**NORMAL, **dict.fromkeys(tiers, Mode.OFF)}


@pytest.mark.parametrize(
    ("modes", "expected"),
    [
        (NORMAL, (VLLM, OPENAI, CACHE)),
        (forced(NORMAL, VLLM), (VLLM, OPENAI, CACHE)),
        (forced(NORMAL, OPENAI), (OPENAI, CACHE)),
        (forced(NORMAL, CACHE), (CACHE,)),
        (off(VLLM), (OPENAI, CACHE)),
        (forced(off(OPENAI), VLLM), (VLLM, CACHE)),
        (off(*Tier), ()),
    ],
)
def test_a_forced_tier_comes_first_and_one_that_is_off_never(modes: Modes, expected: tuple[Tier, ...]) -> None:
    assert order(modes) == expected


def test_only_one_tier_is_forced_and_the_other_gets_its_place_back() -> None:
    after = forced(forced(NORMAL, OPENAI), VLLM)
    assert after == {**NORMAL, VLLM: Mode.FORCE}
    assert changes(forced(NORMAL, OPENAI), after) == {VLLM: Mode.FORCE, OPENAI: Mode.AUTO}


def test_forcing_one_leaves_off_what_is_off() -> None:
    assert forced(off(OPENAI), VLLM)[OPENAI] is Mode.OFF


@pytest.mark.parametrize(
    ("before", "after"),
    [(NORMAL, forced(NORMAL, OPENAI)), (NORMAL, off(VLLM)), (forced(NORMAL, CACHE), forced(NORMAL, OPENAI))],
)
def test_what_sends_everything_to_openai_asks_with_its_price(before: Modes, after: Modes) -> None:
    asked = consent.question(before, after, COST)
    assert asked is not None and "$2.75 for 1,000 requests of 700 + 100 tokens" in asked


@pytest.mark.parametrize(
    ("before", "after", "says"),
    [
        (NORMAL, off(OPENAI), "No request will ask openai."),
        (NORMAL, off(CACHE), "No request will ask cache."),
        (NORMAL, forced(NORMAL, CACHE), "Only kept answers are left"),
        (off(OPENAI, CACHE), off(*Tier), "every request gets 503"),
    ],
)
def test_what_takes_a_tier_away_asks(before: Modes, after: Modes, says: str) -> None:
    asked = consent.question(before, after, COST)
    assert asked is not None and says in asked


@pytest.mark.parametrize(
    ("before", "after"), [(NORMAL, forced(NORMAL, VLLM)), (off(VLLM), NORMAL), (forced(NORMAL, OPENAI), NORMAL)]
)
def test_what_neither_costs_nor_takes_asks_nothing(before: Modes, after: Modes) -> None:
    assert consent.question(before, after, COST) is None


def test_without_openai_in_the_environment_nothing_is_said_of_its_price() -> None:
    assert order(NORMAL, NO_OPENAI) == NO_OPENAI
    asked = consent.question(NORMAL, off(VLLM), COST, NO_OPENAI)
    assert asked is not None and "$" not in asked and "Only kept answers" in asked
