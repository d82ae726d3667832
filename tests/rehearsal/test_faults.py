import pytest

from rehearsal.errors import UnknownFault
from rehearsal.faults import KINDS, Fault, fake_vllm_options, parse
from stacks.naming import Colour


def test_every_fault_is_described() -> None:
    assert set(KINDS) == set(Fault)


def test_a_value_left_out_is_the_faults_own() -> None:
    assert parse("propagation-delay", None, None).value == KINDS[Fault.PROPAGATION_DELAY].default


@pytest.mark.parametrize(
    ("name", "colour", "value", "says"),
    [
        ("gremlins", None, None, "expected one of propagation-delay"),
        ("propagation-delay", None, "121", "takes 0 to 120 seconds, found '121'"),
        ("propagation-delay", None, "soon", "found 'soon'"),
        ("propagation-delay", "blue", None, "takes no colour"),
        ("no-g5", None, "1", "takes no value"),
        ("slow-start", "red", None, "expected blue or green"),
    ],
)
def test_what_cannot_be_is_refused_with_what_could(name: str, colour: str | None, value: str | None, says: str) -> None:
    with pytest.raises(UnknownFault, match=says):
        parse(name, colour, value)


def test_a_fault_of_one_colour_leaves_the_other_alone() -> None:
    settings = [parse("slow-start", "blue", "7"), parse("never-healthy", None, None)]
    assert fake_vllm_options(settings, Colour.BLUE) == ["start_seconds=7", "never_ready=1"]
    assert fake_vllm_options(settings, Colour.GREEN) == ["never_ready=1"]
