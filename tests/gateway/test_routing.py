"""Which tiers a request may come to, for each name, key and operators' switch."""

from dataclasses import replace

import pytest
from gateway.keys.key import Key
from gateway.outcome import TierName
from gateway.routing import Routing, switched
from gateway.switches import Mode

from tests.gateway.stage import settings

VLLM, OPENAI, CACHE = TierName
ALL = frozenset(TierName)
ANYBODY = Key("alice")
PRIVATE = Key("bob", external_fallback=False)


def routing(present: frozenset[TierName] = ALL, **modes: Mode) -> Routing:
    told = settings("http://vllm", "http://openai")
    assert told.openai is not None
    account = replace(told.openai, aliases={"gpt": "gpt-4o"})
    told = replace(told, openai=account, model_aliases=frozenset({"house"}))
    return Routing(told, present, lambda tier: modes.get(tier, Mode.AUTO))


def test_vllm_comes_first_then_openai_then_the_cache() -> None:
    for model in ("test-model", "house"):
        assert routing().route(model, ANYBODY).tiers == (VLLM, OPENAI, CACHE)


def test_a_name_of_openai_goes_there_first() -> None:
    assert routing().route("gpt", ANYBODY).tiers == (OPENAI, VLLM, CACHE)


def test_a_tier_that_the_task_does_not_have_is_not_on_the_way() -> None:
    assert routing(frozenset({VLLM, CACHE})).route("test-model", ANYBODY).tiers == (VLLM, CACHE)


@pytest.mark.parametrize("model", ["test-model", "gpt"])
def test_a_key_whose_prompts_may_not_leave_never_comes_to_openai(model: str) -> None:
    for modes in ({}, {"openai": Mode.FORCE}, {"vllm": Mode.OFF}):
        assert OPENAI not in routing(**modes).route(model, PRIVATE).tiers


def test_a_forced_tier_skips_those_before_it_and_keeps_those_behind_it() -> None:
    route = routing(openai=Mode.FORCE).route("test-model", ANYBODY)

    assert (route.tiers, route.forced, route.skipped) == ((OPENAI, CACHE), OPENAI, VLLM)


def test_forcing_the_first_tier_only_overrides_its_breaker() -> None:
    route = routing(vllm=Mode.FORCE).route("test-model", ANYBODY)

    assert (route.tiers, route.forced, route.skipped) == ((VLLM, OPENAI, CACHE), VLLM, None)


def test_a_tier_that_is_off_is_not_asked_and_the_first_one_is_told_as_skipped() -> None:
    assert routing(openai=Mode.OFF).route("test-model", ANYBODY).tiers == (VLLM, CACHE)
    route = routing(vllm=Mode.OFF).route("test-model", ANYBODY)
    assert (route.tiers, route.skipped) == ((OPENAI, CACHE), VLLM)


def test_with_everything_off_nobody_is_asked() -> None:
    modes = dict.fromkeys(TierName, Mode.OFF)

    assert switched((VLLM, OPENAI, CACHE), modes).tiers == ()


def test_a_key_may_ask_for_the_models_it_names_and_no_other() -> None:
    narrow = Key("carol", models=frozenset({"house", "unheard-of"}))

    assert routing().serves("house", narrow)
    assert not routing().serves("test-model", narrow)
    assert not routing().serves("unheard-of", narrow)
    assert routing().serves("gpt", ANYBODY)
