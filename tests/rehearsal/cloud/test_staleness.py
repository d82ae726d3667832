import time

from rehearsal.cloud.calls import Call
from rehearsal.cloud.staleness import StaleReads, may_lag

DESCRIBE = Call("deployer", "elasticloadbalancing", "DescribeRules", b"RuleArn=a")


def test_a_read_repeats_an_earlier_answer_within_the_lag() -> None:
    stale: StaleReads[str] = StaleReads(maximum_seconds=5)
    stale.remember(DESCRIBE, "old")
    time.sleep(0.1)
    assert any(stale.earlier(DESCRIBE) == "old" for _ in range(2000))


def test_an_answer_older_than_the_lag_is_never_repeated() -> None:
    stale: StaleReads[str] = StaleReads(maximum_seconds=0.01)
    stale.remember(DESCRIBE, "old")
    time.sleep(0.03)
    assert all(stale.earlier(DESCRIBE) is None for _ in range(200))


def test_reads_are_fresh_unless_asked_otherwise() -> None:
    stale: StaleReads[str] = StaleReads()
    stale.remember(DESCRIBE, "old")
    assert stale.earlier(DESCRIBE) is None


def test_another_question_has_another_answer() -> None:
    stale: StaleReads[str] = StaleReads(maximum_seconds=30)
    stale.remember(DESCRIBE, "old")
    other = Call("deployer", "elasticloadbalancing", "DescribeRules", b"RuleArn=b")
    assert all(stale.earlier(other) is None for _ in range(200))


def test_writes_and_consistent_reads_never_lag() -> None:
    assert not may_lag(Call("d", "elasticloadbalancing", "ModifyRule"))
    assert not may_lag(Call("d", "dynamodb", "GetItem", b'{"ConsistentRead": true}'))
    assert not may_lag(Call("d", "dynamodb", "PutItem", b"{}"))
    assert may_lag(Call("d", "dynamodb", "GetItem", b"{}"))
    assert may_lag(Call("d", "ecs", "ListTasks", b"{}"))
