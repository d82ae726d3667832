"""The page stands alone, is well formed, says what was found, and trusts no text."""

import re
from dataclasses import replace
from html.parser import HTMLParser

import pytest

from rehearsal.report import Permissions, passed
from rehearsal.report.page import page
from rehearsal.traffic.accounting import Account, StepWindow, account
from tests.rehearsal.report.made_up import BEGAN, EVIL, FACTS, FACTS_OF_OUTAGE, bad_run, good_run, outage_run, record


class _Reader(HTMLParser):
    """Collects tags and text, and notices what is not closed."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.texts: list[str] = []
        self.open: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += attrs
        if tag != "meta":
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += attrs

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.texts.append(data)


@pytest.mark.parametrize("run", [good_run(), bad_run(), account([], [], [])], ids=["good", "bad", "nothing"])
def test_the_page_is_well_formed_and_needs_nothing_else(run: Account) -> None:
    text = page(run, FACTS)
    reader = _Reader(text)
    assert reader.open == []
    assert not {"script", "link", "img", "iframe", "object"} & set(reader.tags)
    assert not {"src", "href", "xlink:href", "onload"} & {name for name, _value in reader.attributes}
    assert "url(" not in text
    assert "@import" not in text
    assert "nan" not in re.findall(r'"(nan|inf)"', text)


def test_a_good_page_names_no_address() -> None:
    assert not re.search(r"https?://|//\w", page(good_run(), FACTS))


def test_the_headline_says_how_it_went() -> None:
    assert "300 requests, none lost." in page(good_run(), FACTS)
    assert "3 of 300 requests did not get a complete answer." in page(bad_run(), FACTS)
    assert "nothing is proven" in page(account([], [], []), FACTS)


@pytest.mark.parametrize(
    ("run", "says"),
    [
        (account([record(1, tier="openai")], [], []), "1 request answered by openai: vLLM was not there for them."),
        (replace(good_run(), wrong_model_ids=("traffic-7",)), "than the reply names: traffic-7."),
    ],
)
def test_an_answer_of_unexpected_origin_fails_the_run_and_is_said(run: Account, says: str) -> None:
    texts = _Reader(page(run, FACTS)).texts
    assert "failed" in texts
    assert any(says in text for text in texts)


@pytest.mark.parametrize(
    ("run", "verdict"), [(good_run(), "passed"), (bad_run(), "failed"), (account([], [], []), "failed")]
)
def test_the_verdict_is_on_top(run: Account, verdict: str) -> None:
    assert {"passed", "failed"} & set(_Reader(page(run, FACTS)).texts) == {verdict}


def test_every_text_is_escaped() -> None:
    step = StepWindow(EVIL, BEGAN, BEGAN + 5)
    run = replace(bad_run(), steps=account(bad_run().records, [], [step]).steps, duplicated_ids=(EVIL,))
    facts = replace(FACTS, story=EVIL, not_proven=(EVIL,), permissions=(Permissions("operator", (EVIL,), (EVIL,)),))
    reader = _Reader(page(run, facts))
    assert "script" not in reader.tags
    assert sum(EVIL in text for text in reader.texts) >= 8


def test_failures_are_marked_listed_and_explained() -> None:
    text = page(bad_run(), FACTS)
    reader = _Reader(text)
    assert ("class", "failed") in reader.attributes
    assert {"traffic-50", "traffic-160", "traffic-165", "traffic-299", "traffic-7"} <= set(reader.texts)
    assert "never ended" in reader.texts
    assert "What to look into" not in page(good_run(), FACTS)


def test_an_unexpected_exit_is_said_and_an_expected_one_is_not_an_alarm() -> None:
    surprised = account(good_run().records, [], [StepWindow("switchover", BEGAN, BEGAN + 5, exit_code=4)])
    assert "switchover exited with 4, expected 0." in page(surprised, FACTS)
    assert "2, as expected" in page(good_run(), FACTS)


def test_a_call_outside_the_role_fails_a_run_without_a_loss() -> None:
    facts = replace(FACTS, permissions=(Permissions("operator", ("ecs:StopTask",), ()),))
    assert passed(good_run(), FACTS)
    assert not passed(good_run(), facts)
    assert "The operator called ecs:StopTask and is not allowed to." in _Reader(page(good_run(), facts)).texts


def test_an_outage_of_the_storys_own_passes_and_says_what_it_cut_and_what_it_cost() -> None:
    text = page(outage_run(), FACTS_OF_OUTAGE)
    reader = _Reader(text)
    assert reader.open == []
    assert "passed" in reader.texts
    assert "300 requests, none lost; 1 stream cut when vLLM was killed." in reader.texts
    assert "cut by the story" in reader.texts
    assert any("$0.2475, $71.28 an hour at this rate" in said and "cost $2.01." in said for said in reader.texts)
    assert "While vLLM was killed" not in page(good_run(), FACTS)


def test_a_cost_that_the_gateway_does_not_name_fails_the_run() -> None:
    assert passed(outage_run(), FACTS_OF_OUTAGE)
    assert not passed(outage_run(), FACTS)
    assert "the gateway's metrics name no cost of the fallback." in _Reader(page(outage_run(), FACTS)).texts


def test_what_was_not_proven_is_said() -> None:
    text = page(good_run(), FACTS)
    assert all(sentence in text for sentence in FACTS.not_proven)
