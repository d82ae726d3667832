"""How a control's test is tied to the control, and to a mutation that must turn it red.

A test of a control takes a program and asserts. `@control("ELB.17", broken=…)` registers it under the control's id of
scripts/security/controls.toml, together with a function that breaks a production program in just that way.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from tests.stacks.declared import Declaration, Program

Test = Callable[[Program], None]
Mutation = Callable[[Program], None]


@dataclass(frozen=True)
class Control:
    """One control with its proof."""

    id: str
    test: Test
    broken: Mutation


CONTROLS: dict[str, Control] = {}


def control(*ids: str, broken: Mutation) -> Callable[[Test], Test]:
    def register(test: Test) -> Test:
        for identifier in ids:
            CONTROLS[identifier] = Control(identifier, test, broken)
        return test

    return register


def change(kind: str, **inputs: Any) -> Mutation:
    """The first resource of a kind, with other inputs. None takes one away."""

    def mutate(program: Program) -> None:
        target = program.of(kind)[0]
        for key, value in inputs.items():
            target.inputs[key] = value

    return mutate


def inside(kind: str, block: str, **values: Any) -> Mutation:
    """The same for values in a block (or in the first block of a list) of the first resource of a kind."""

    def mutate(program: Program) -> None:
        found = program.of(kind)[0].inputs[block]
        (found[0] if isinstance(found, list) else found).update(values)

    return mutate


def without(kind: str) -> Mutation:
    """No resource of a kind at all."""

    def mutate(program: Program) -> None:
        program.aws[:] = [found for found in program.aws if found not in program.of(kind)]

    return mutate


def every(program: Program, kind: str) -> list[Declaration]:
    """The resources of a kind; there must be some, else a test over them would prove nothing."""
    found = program.of(kind)
    assert found, f"no {kind} is declared"
    return found
