"""One prompt has one answer, so that a wrong, mixed or cut one can be told from it."""

import pytest

from rehearsal.answers import LONGEST_ANSWER_TOKENS, answer, prompt_of


def test_an_answer_depends_on_the_prompt_alone() -> None:
    assert answer("one", 24) == answer("one", 24)
    assert answer("one", 24) != answer("two", 24)


def test_this_answer_never_changes() -> None:
    """Two processes, two Python versions: what the client expects is what the upstream writes."""
    assert "".join(answer("hello", 4)) == "fisfu zipon holnel sarpo"


@pytest.mark.parametrize(("limit", "tokens"), [(1, 1), (7, 7), (24, 24), (100, 24), (0, 24)])
def test_length_is_the_limit_up_to_the_longest(limit: int, tokens: int) -> None:
    assert len(answer("p", limit)) == tokens <= LONGEST_ANSWER_TOKENS


def test_a_shorter_answer_is_the_beginning_of_a_longer_one() -> None:
    assert "".join(answer("p", 24)).startswith("".join(answer("p", 5)))


def test_different_prompts_hardly_share_answers_even_when_short() -> None:
    assert len({"".join(answer(f"request {number}", 3)) for number in range(5000)}) == 5000


def test_the_prompt_is_the_last_user_message() -> None:
    said = [
        {"role": "system", "content": "be kind"},
        {"role": "user", "content": "first"},
        {"role": "assistant", "content": "yes"},
        {"role": "user", "content": "second"},
    ]
    assert prompt_of(said) == "second"


def test_content_parts_are_joined() -> None:
    parts = [{"type": "text", "text": "a"}, {"type": "image_url", "image_url": {}}, {"type": "text", "text": "b"}]
    assert prompt_of([{"role": "user", "content": parts}]) == "ab"


def test_without_a_user_message_the_prompt_is_empty() -> None:
    assert prompt_of([{"role": "system", "content": "x"}]) == prompt_of([]) == ""
