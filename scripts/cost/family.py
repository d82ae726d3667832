"""What the families of resource types have in common: which types they price, and with which functions."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from scripts.cost.assumptions import Assumptions
from scripts.cost.model import Line, Used
from scripts.cost.scene import Scene
from stacks.offline.declaration import Declaration

Lines = Callable[[Scene], Sequence[Line]]
Uses = Callable[[Scene, Assumptions], Sequence[Used]]


def _no_uses(_scene: Scene, _month: Assumptions) -> Sequence[Used]:
    return ()


@dataclass(frozen=True)
class Family:
    """Resource types that are priced together. A line or use of nothing is left out of the bill."""

    name: str
    types: frozenset[str]
    lines: Lines
    uses: Uses = _no_uses


def of_type(scene: Scene, token: str) -> list[Declaration]:
    """The declared resources of one type, by its whole token. In order of name: the program registers in no order."""
    return sorted((found for found in scene.program.aws if found.type == token), key=lambda found: found.name)
