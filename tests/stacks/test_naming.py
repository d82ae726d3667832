"""Names fit AWS's limits for every environment that is let in."""

import pytest

from stacks.errors import NameTooLong
from stacks.naming import Colour, Names, Part, ledger_table

LONGEST = "e" * 10


@pytest.mark.parametrize("environment", ["", "Staging", "1st", "pre-prod", "e" * 11])
def test_an_environment_that_would_break_a_limit_is_refused(environment: str) -> None:
    with pytest.raises(NameTooLong, match="lower-case letters"):
        Names(environment)


def test_the_longest_environment_fits_every_limit() -> None:
    names = Names(LONGEST)
    assert all(len(names.slot(part, colour)) <= 32 for part in Part for colour in Colour)
    assert all(len(names.load_balancer(which)) <= 32 for which in ("public", "internal"))
    assert all(len(names.role(which)) <= 64 for which in ("deployer", "vllm-execution"))
    assert len(names.bucket("models", "1" * 12)) <= 63


def test_a_capacity_provider_does_not_start_as_aws_reserves_for_itself() -> None:
    assert not Names(LONGEST).capacity_provider().startswith(("aws", "ecs", "fargate"))


def test_the_ledger_is_found_without_a_manifest() -> None:
    assert ledger_table("production") == Names("production").table("ledger") == "switchyard-production-ledger"
