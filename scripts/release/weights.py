"""The split of traffic between the two API colours, read from and written into a rule's actions. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from scripts.aws.rules import group_weights, reweighted
from scripts.errors import Refused
from scripts.release.model import FULL_WEIGHT
from stacks.manifest import Manifest
from stacks.naming import Colour, Part

Actions = tuple[Mapping[str, Any], ...]


@dataclass(frozen=True)
class Weights:
    """Shares are relative: 1 to 0 and 100 to 0 send the same traffic."""

    blue: int
    green: int

    def __getitem__(self, colour: Colour) -> int:
        return self.blue if colour is Colour.BLUE else self.green

    @property
    def sole(self) -> Colour | None:
        """The colour with all the traffic, None while it is split."""
        if (self.blue > 0) == (self.green > 0):
            return None
        return Colour.BLUE if self.blue > 0 else Colour.GREEN

    def percent(self, colour: Colour) -> int:
        total = self.blue + self.green
        return round(100 * self[colour] / total) if total else 0

    def __str__(self) -> str:
        return f"blue {self.percent(Colour.BLUE)} %, green {self.percent(Colour.GREEN)} %"


def all_on(colour: Colour) -> Weights:
    return Weights(FULL_WEIGHT, 0) if colour is Colour.BLUE else Weights(0, FULL_WEIGHT)


def read(manifest: Manifest, actions: Iterable[Mapping[str, Any]]) -> Weights:
    """Raises Refused when the rule does not hold exactly the two API target groups."""
    found = group_weights(actions)
    blue, green = (manifest.slot(Part.API, colour).target_group_arn for colour in Colour)
    if set(found) != {blue, green}:
        raise Refused(
            f"the traffic rule forwards to {', '.join(sorted(found)) or 'nothing'}, "
            "expected the two API target groups: run `pulumi up`"
        )
    return Weights(found[blue], found[green])


def written(manifest: Manifest, actions: Iterable[Mapping[str, Any]], weights: Weights) -> Actions:
    by_group = {manifest.slot(Part.API, colour).target_group_arn: weights[colour] for colour in Colour}
    return tuple(reweighted(actions, by_group))
