"""`fab stack.bootstrap`: asks before it makes anything, and does not look fine while something stands against an up."""

import json
import sys
from collections.abc import Iterator
from io import StringIO

import pytest
from fabric import Config, Executor
from fabric.main import Fab

from scripts import environment, ns
from scripts.aws import keys
from scripts.aws.clients import Clients
from scripts.bootstrap import wanted
from scripts.cost import estimate, pricing
from scripts.cost.assumptions import DEFAULT
from scripts.cost.prices import load
from stacks.errors import OfflineFailed
from stacks.naming import STATE_KEY_ALIAS
from stacks.offline.declaration import Program
from tests.scripts.bootstrap.test_bootstrap import account as account_in_moto
from tests.scripts.bootstrap.test_bootstrap import ready_settings
from tests.scripts.bootstrap.test_wanted import text
from tests.scripts.cost.declared import hosts, program

_WORDS = ("stack.bootstrap", "--env", "staging")


@pytest.fixture
def account(monkeypatch: pytest.MonkeyPatch) -> Iterator[Clients]:
    """Staging's settings are those of the repository, which leave to the owner what only the owner knows."""
    with account_in_moto() as found:
        monkeypatch.setattr(environment, "clients", lambda *_args, **_named: found)
        monkeypatch.setattr(estimate, "declared", lambda _environment: program(hosts()))
        monkeypatch.setattr(sys, "stdin", StringIO())
        yield found


def fab(monkeypatch: pytest.MonkeyPatch, *words: str) -> int:
    monkeypatch.setattr(sys, "argv", ["fab", *words])
    try:
        Fab(namespace=ns, executor_class=Executor, config_class=Config).run()
    except SystemExit as stop:
        return int(stop.code or 0)
    return 0


def is_untouched(of: Clients) -> bool:
    return keys.key(of, STATE_KEY_ALIAS) is None and not of.read("s3").list_buckets()["Buckets"]


@pytest.fixture
def complete(account: Clients, monkeypatch: pytest.MonkeyPatch) -> Clients:
    """Settings with what only the owner knows."""
    known = wanted.judged("staging", text(**ready_settings(account)))
    monkeypatch.setattr(wanted, "of", lambda _environment: known)
    return account


def test_a_dry_run_is_fine_where_all_that_is_missing_would_be_made(
    complete: Clients, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert fab(monkeypatch, *_WORDS, "--dry-run") == 0
    said = capsys.readouterr()
    assert "kms CreateKey" in said.out
    assert "nothing was changed" in said.err
    assert is_untouched(complete)


def test_the_monthly_cost_is_in_the_table_in_the_question_and_in_json(
    complete: Clients, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert fab(monkeypatch, *_WORDS) == 1
    said = capsys.readouterr()
    bill = pricing.bill(program(hosts()), load("us-east-1"), DEFAULT)
    at_rest, releasing = f"${bill.idle_monthly_usd():,.2f}", f"${bill.releasing_monthly_usd:,.2f}"
    assert "Running the program once" in said.err
    assert f"{at_rest} at rest (one colour), {releasing} if a release ran all month" in said.out
    assert "> fab stack.cost --env staging" in said.out
    assert (
        f"first release on, staging will cost {at_rest} a month at rest, {releasing} if a release ran all month"
        in said.err
    )
    assert fab(monkeypatch, *_WORDS, "--json", "--dry-run") == 0
    found = json.loads(capsys.readouterr().out)
    assert (found["idle_monthly_usd"], found["releasing_monthly_usd"]) == (
        bill.idle_monthly_usd(),
        bill.releasing_monthly_usd,
    )


def test_a_cost_that_is_not_known_yet_hides_nothing_else(
    account: Clients, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fails(_environment: str) -> Program:
        raise OfflineFailed("settings are wrong:\n  - region nowhere")

    monkeypatch.setattr(estimate, "declared", fails)
    assert fab(monkeypatch, *_WORDS, "--yes") == 0
    said = capsys.readouterr().out
    assert "not known" in said and "settings are wrong\n" in said
    assert keys.key(account, STATE_KEY_ALIAS) is not None


def test_what_the_owner_must_mend_is_no_success_of_a_dry_run_which_still_prints_the_calls(
    account: Clients, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert fab(monkeypatch, *_WORDS, "--dry-run") == 1
    said = capsys.readouterr()
    assert "kms CreateKey" in said.out
    assert "stand against the first `pulumi up`" in said.err
    assert is_untouched(account)


def test_what_costs_money_asks_with_its_price_and_a_silent_terminal_is_a_no(
    account: Clients, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert fab(monkeypatch, *_WORDS) == 1
    said = capsys.readouterr()
    assert "KMS key alias/switchyard-state ($1.00 a month" in said.out
    assert "Make 6 things in account 123456789012, us-east-1? Nobody can answer here" in said.err
    assert is_untouched(account)


def test_the_first_run_makes_and_the_second_only_says_what_is_left(
    account: Clients, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert fab(monkeypatch, *_WORDS, "--yes") == 0
    said = capsys.readouterr()
    assert "pulumi login 's3://switchyard-state-123456789012-us-east-1?region=us-east-1&awssdk=v2'" in said.out
    assert "--secrets-provider 'awskms://alias/switchyard-state?region=us-east-1'" in said.out
    assert "made; " in said.err and "stand against the first `pulumi up`" in said.err
    assert fab(monkeypatch, *_WORDS, "--yes") == 1


def test_json_names_every_finding_also_where_the_account_is_not_ready(
    account: Clients, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert fab(monkeypatch, *_WORDS, "--yes", "--json") == 0
    made = json.loads(capsys.readouterr().out)
    assert (made["ready"], len(made["made"])) == (False, 6)
    assert fab(monkeypatch, *_WORDS, "--yes", "--json") == 1
    found = json.loads(capsys.readouterr().out)
    assert (found["ready"], found["made"], found["result"], found["exit_code"]) == (False, [], "refused", 1)
    assert {"state key", "GPU quota", "setting domainName"} <= {finding["matter"] for finding in found["findings"]}


def test_a_rehearsal_has_an_account_of_its_own(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert fab(monkeypatch, "stack.bootstrap", "--env", "rehearsal") == 1
    assert "Next:  fab rehearsal.up" in capsys.readouterr().err
