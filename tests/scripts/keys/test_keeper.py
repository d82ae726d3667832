"""Making and revoking keys: one valid key a name, nothing of a key kept but its digest, nothing written over."""

import pytest

from scripts.errors import ExitCode, HalfWay, Refused, TakenBack, Transient
from scripts.keys import client_key
from scripts.keys.client_key import Limits
from scripts.keys.keeper import Keeper, Made
from scripts.shared_items import Write
from tests.scripts.fake_clock import FakeClock
from tests.scripts.fake_shared_table import FakeSharedTable, down


@pytest.fixture
def table() -> FakeSharedTable:
    return FakeSharedTable()


@pytest.fixture
def keeper(table: FakeSharedTable) -> Keeper:
    return Keeper("staging", table, FakeClock(), "arn:ana", frozenset({"traffic", "traffic.previous"}))


def make(keeper: Keeper, name: str = "app") -> Made:
    made = keeper.prepare(name, Limits())
    keeper.create(made)
    return made


def test_of_a_key_only_its_digest_is_kept(keeper: Keeper, table: FakeSharedTable) -> None:
    made = make(keeper)
    assert made.key.startswith("sk-sy-") and len(made.key) == len("sk-sy-") + 43
    assert list(table.items) == [("key", client_key.digest(made.key))]
    assert made.key not in repr(table.items) + repr(made)


def test_no_two_keys_are_the_same(keeper: Keeper) -> None:
    assert make(keeper, "a").key != make(keeper, "b").key


def test_a_name_with_a_valid_key_is_refused_and_told_how_to_end_it(keeper: Keeper, table: FakeSharedTable) -> None:
    make(keeper)
    with pytest.raises(Refused, match="valid key since 2026-11-22") as refused:
        keeper.prepare("app", Limits())
    assert refused.value.next_command == "fab keys.revoke --env staging app"
    assert len(table.items) == 1


@pytest.mark.parametrize("name", ["traffic", "traffic.previous"])
def test_a_name_of_the_secret_is_refused_because_logs_could_not_tell_them_apart(keeper: Keeper, name: str) -> None:
    with pytest.raises(Refused, match="in the secret api-keys"):
        keeper.prepare(name, Limits())


def test_a_name_whose_key_was_revoked_may_have_another(keeper: Keeper) -> None:
    first = make(keeper)
    keeper.end(first.record)
    make(keeper)
    assert [key.is_valid for key in keeper.known()].count(True) == 1


def test_two_who_make_the_same_name_at_once_never_end_with_two_keys(keeper: Keeper, table: FakeSharedTable) -> None:
    other = keeper.prepare("app", Limits())

    def meanwhile(_write: Write) -> None:
        table.before_write = lambda _write: None
        table.write(client_key.creation(other.record))

    table.before_write = meanwhile
    with pytest.raises(TakenBack, match="in the same moment"):
        make(keeper)
    assert [key.digest for key in keeper.known() if key.is_valid] == [other.record.digest]


@pytest.mark.parametrize("failure", [KeyboardInterrupt(), Transient("read timeout")])
def test_a_key_that_nobody_has_seen_is_named_and_to_be_revoked(
    keeper: Keeper, table: FakeSharedTable, failure: BaseException
) -> None:
    made = keeper.prepare("app", Limits())
    table.failure = failure
    with pytest.raises(HalfWay, match="nobody has seen it") as stopped:
        keeper.create(made)
    assert stopped.value.exit_code is ExitCode.HALF_WAY
    assert stopped.value.next_command == "fab keys.revoke --env staging app"


def test_a_table_that_does_not_answer_makes_no_key(keeper: Keeper, table: FakeSharedTable) -> None:
    table.failure = down()
    with pytest.raises(Exception, match="could not connect"):
        make(keeper)
    assert table.items == {}


def test_revoking_keeps_who_had_it_and_when_it_died(keeper: Keeper, table: FakeSharedTable) -> None:
    made = make(keeper)
    keeper.end(made.record)
    (before,) = keeper.known()
    Keeper("staging", table, FakeClock(), "arn:bob").end(made.record)
    assert keeper.known() == [before]
    assert (before.revoked_by, before.revoked_at) == ("arn:ana", "2026-11-22T03:00:00Z")


def test_what_is_revoked_is_found_as_such_and_what_never_was_is_refused(keeper: Keeper) -> None:
    keeper.end(make(keeper).record)
    assert keeper.find("app") == ()
    with pytest.raises(Refused, match="no key 'nobody'"):
        keeper.find("nobody")
    with pytest.raises(Refused, match="in the secret") as refused:
        keeper.find("traffic")
    assert refused.value.next_command == "fab secrets.set --env staging api-keys"
