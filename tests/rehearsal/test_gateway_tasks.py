"""The real tasks for keys, breakers and tiers, with the operator's credentials, against the tables of this process."""

import json
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from botocore.session import Session

from rehearsal.cloud import permissions
from rehearsal.cloud.backends import ACCOUNT_ID
from rehearsal.cloud.server import Cloud
from scripts.aws.clients import Clients
from scripts.aws.shared_table import SharedTable
from scripts.aws.table import DynamoTable
from scripts.keys import client_key
from scripts.shared_items import Record, Write
from stacks.accounts import Account
from stacks.manifest import ITEM_KEY, to_json
from stacks.naming import Names
from tests.rehearsal.fab import Fab, connect
from tests.scripts.examples import manifest
from tests.scripts.moto_environment import make_table
from tests.stacks.policies.scopes import documents, scope

pytestmark = pytest.mark.slow
REGION = "us-east-1"
KIT = manifest("rehearsal")
NAMES = Names("rehearsal")


@dataclass
class Environment:
    """Tables, a secret, and one gateway task that reports."""

    cloud: Cloud
    clients: Clients
    fab: Fab

    def table(self, which: str) -> SharedTable:
        return SharedTable(self.clients, NAMES.table(which))

    def keys(self) -> list[Record]:
        return self.table("keys").query("key")

    def report(self, **modes: str) -> None:
        """As the only gateway task would."""
        said = {"vllm": {"state": "open", "seconds_left": 9, "reset_number": int((time.time() + 3600) * 1000)}}
        texts = {"breakers": json.dumps(said), "modes": json.dumps(modes)}
        self.table("usage").write(Write("task", "r-1-aa", {"at": int(time.time()), "release": "r-1", **texts}))


@pytest.fixture
def environment(tmp_path: Path) -> Iterator[Environment]:
    cloud = Cloud(REGION)
    cloud.start()
    session = Session()
    session.set_credentials("owner", "rehearsal")
    clients = Clients(session, REGION, cloud.endpoint_url)
    for which in ("ledger", "keys", "usage"):
        make_table(clients, NAMES.table(which))
    vault = clients.read("secretsmanager")
    secret = vault.create_secret(Name=NAMES.secret("api-keys"), SecretString=json.dumps({"traffic": "k" * 40}))
    body = json.loads(to_json(KIT))
    body["secrets"]["api_keys"] = secret["ARN"]
    DynamoTable(clients, KIT.ledger_table).put({**ITEM_KEY, "body": json.dumps(body)})
    connect(cloud, REGION, tmp_path)
    yield Environment(cloud, clients, Fab(tmp_path))
    cloud.stop()


def test_a_key_is_made_listed_and_revoked_and_never_kept(environment: Environment) -> None:
    limits = ("--requests-per-minute", "60", "--monthly-budget-usd", "12.5", "--models", "a,b")
    made = environment.fab("keys.create", "app", *limits, "--external-fallback", "never")
    assert made.code == 0, made.said
    key = made.answer["key"]
    (item,) = environment.keys()
    assert item["sk"] == client_key.digest(key)
    assert (item["requests_per_minute"], item["monthly_budget_usd"], item["models"]) == (60, "12.5", ("a", "b"))
    assert (item["external_fallback"], "tokens_per_minute" in item) == ("never", False)
    assert key not in made.said and "within 10 s" in made.said
    listed = environment.fab("keys.list")
    assert [found["name"] for found in listed.answer["keys"]] == ["app"]
    assert key not in json.dumps(listed.answer) and item["sk"] not in json.dumps(listed.answer)
    assert environment.fab("keys.revoke", "app", yes=False).code == 1
    assert environment.fab("keys.revoke", "app").code == 0
    again = environment.fab("keys.revoke", "app")
    assert (again.code, "already so" in again.said) == (0, True)
    assert environment.keys()[0]["revoked_by"] == item["created_by"]


def test_names_that_are_taken_or_wrong_make_no_key_and_a_dry_run_makes_none(environment: Environment) -> None:
    taken = environment.fab("keys.create", "traffic")
    assert (taken.code, "secret api-keys" in taken.said) == (1, True)
    assert environment.fab("keys.create", "a#b").code == 1
    foretold = environment.fab("keys.create", "app", "--dry-run")
    assert (foretold.code, foretold.answer["plan"][0]["operation"]) == (0, "UpdateItem")
    assert environment.keys() == []


def test_tiers_are_switched_once_every_task_says_so_and_only_with_consent(environment: Environment) -> None:
    assert environment.fab("fallback.force", "openai").code == 1
    asked = environment.fab("fallback.force", "openai", "--reason", "drill", yes=False)
    assert (asked.code, "$2.75 for 1,000 requests" in asked.said) == (1, True)
    assert environment.table("usage").query("switch") == []
    environment.report(openai="force")
    forced = environment.fab("fallback.force", "openai", "--reason", "drill")
    assert (forced.code, forced.answer["order"]) == (0, ["openai", "cache"]), forced.said
    assert forced.answer["next_command"] == "fab fallback.auto --env rehearsal"
    assert environment.fab("fallback.status").answer["switches"]["openai"]["reason"] == "drill"
    environment.report(openai="auto")
    assert environment.fab("fallback.auto").answer["order"] == ["vllm", "openai", "cache"]


def test_a_breaker_is_reset_where_its_tasks_have_seen_it(environment: Environment) -> None:
    environment.report()
    seen = environment.fab("breaker.status")
    assert "vllm open everywhere" in seen.answer["summary"]
    done = environment.fab("breaker.reset")
    assert done.code == 0, done.said
    (switch,) = environment.table("usage").query("switch")
    assert (switch["sk"], switch["number"]) == ("breaker#vllm", done.answer["number"])
    assert environment.fab("breaker.reset", "--tier", "cache").code == 1


def test_the_operators_role_allows_what_these_tasks_call(environment: Environment) -> None:
    environment.fab("keys.create", "app")
    environment.fab("keys.list")
    environment.fab("fallback.off", "cache", "--reason", "drill")
    environment.fab("breaker.status")
    account = Account("aws", REGION, ACCOUNT_ID)
    needs = environment.cloud.calls.needs("operator")
    assert {need.resource.rpartition("/")[2] for need in needs if need.action == "dynamodb:UpdateItem"} == {
        "switchyard-rehearsal-keys",
        "switchyard-rehearsal-usage",
    }
    tables = [need for need in needs if need.action.startswith("dynamodb:")]
    assert permissions.check(tables, documents(scope("rehearsal", account))).denied == ()
