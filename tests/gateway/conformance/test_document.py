"""A running gateway answers whatever docs/openapi.yaml allows, refuses what it does not, and as it says there.

The seed is fixed: a failure here is found again by the next run.
"""

from collections.abc import Callable, Iterator
from functools import partial
from types import ModuleType
from typing import Any

import pytest
import requests
from hypothesis import assume

from tests.gateway.conformance.background import Background
from tests.gateway.conformance.document import OPERATIONS, WITH_INPUT, WITH_KEY
from tests.gateway.stage import KEY

EXAMPLES, EXAMPLES_WITHOUT_KEY = 60, 5
INTEGERS = ("n", "max_tokens", "max_completion_tokens")

Ask = Callable[..., Any]


@pytest.fixture(scope="module")
def fuzzing() -> ModuleType:
    from tests.gateway.conformance import fuzzing

    return fuzzing


@pytest.fixture(scope="module")
def ask(serving: Background, fuzzing: ModuleType) -> Iterator[Ask]:
    with requests.Session() as session:
        session.trust_env = False
        yield partial(fuzzing.ask, base_url=serving.base_url, session=session)


@pytest.mark.parametrize("label", OPERATIONS)
def test_what_the_document_allows_is_answered(label: str, ask: Ask, fuzzing: ModuleType) -> None:
    def check(case: Any) -> None:
        if isinstance(case.body, dict):
            # JSON Schema calls 1.0 an integer; the gateway does not.
            assume(not any(isinstance(case.body.get(field), float) for field in INTEGERS))
            answered(case)
            case.body["stream"] = True  # would be drawn too seldom
        answered(case)

    def answered(case: Any) -> None:
        answer = ask(case, key=KEY)
        assert answer.status_code == 200, answer.text

    fuzzing.allowed(label, check, EXAMPLES)


@pytest.mark.parametrize("label", WITH_INPUT)
def test_what_it_does_not_allow_is_answered_as_it_says(label: str, ask: Ask, fuzzing: ModuleType) -> None:
    def check(case: Any) -> None:
        ask(case, key=KEY)

    fuzzing.not_allowed(label, check, EXAMPLES)


@pytest.mark.parametrize("label", WITH_KEY)
def test_whatever_is_asked_for_needs_a_key(label: str, ask: Ask, fuzzing: ModuleType) -> None:
    def check(case: Any) -> None:
        assert ask(case, key=None).status_code == 401

    fuzzing.allowed(label, check, EXAMPLES_WITHOUT_KEY)
