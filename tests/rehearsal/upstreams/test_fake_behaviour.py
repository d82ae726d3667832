"""Faults are a closed set: what a fake does not know is refused, never ignored."""

import pytest

from rehearsal.errors import UnknownFault
from rehearsal.fake_behaviour import OpenAIBehaviour, VllmBehaviour, from_values, parse


def test_an_empty_text_is_the_default() -> None:
    assert parse(VllmBehaviour, "") == VllmBehaviour()
    assert (VllmBehaviour().first_token_seconds, VllmBehaviour().token_seconds) == (0.05, 0.04)


def test_values_are_typed() -> None:
    assert parse(VllmBehaviour, "crash=1, start_seconds=2.5,max_queue=3,wrong_model=other") == VllmBehaviour(
        crash=True, start_seconds=2.5, max_queue=3, wrong_model="other"
    )


def test_json_values_are_accepted_too() -> None:
    assert from_values(OpenAIBehaviour, {"status": 503, "hang": True}) == OpenAIBehaviour(status=503, hang=True)


@pytest.mark.parametrize("text", ["hang=1", "crash=maybe", "start_seconds=long", "max_queue=1.5", "crash"])
def test_unknown_keys_and_wrong_values_are_refused(text: str) -> None:
    with pytest.raises(UnknownFault, match=f"behaviour {text.partition('=')[0]}"):
        parse(VllmBehaviour, text)
