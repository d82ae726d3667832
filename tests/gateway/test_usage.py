"""How many tokens a request took, as its upstream says or as can be estimated."""

from typing import Any

import pytest
from gateway.usage import Tokens, estimated, reported


def test_an_upstream_is_believed() -> None:
    tokens = reported({"prompt_tokens": 700, "completion_tokens": 100, "total_tokens": 800})

    assert (tokens, tokens.total) == (Tokens(700, 100), 800)


@pytest.mark.parametrize("odd", [None, "7", -7, 7.5, True, [7], 10**400])
def test_what_is_no_count_is_none(odd: Any) -> None:
    assert reported({"prompt_tokens": odd, "completion_tokens": 1}) == Tokens(0, 1)


def test_an_estimate_says_that_it_is_one() -> None:
    assert estimated(401, 9) == Tokens(101, 9, is_estimate=True)
