"""The steps that move traffic, and those that watch it arrive. Pure data."""

from dataclasses import dataclass

from scripts.aws.model import Call
from scripts.release.model import Placement
from scripts.release.steps import Step
from scripts.release.weights import Actions, Weights
from stacks.manifest import Manifest
from stacks.naming import Colour


@dataclass(frozen=True)
class MoveTraffic(Step):
    """One ModifyRule with the full action list. `before` is what the rule must hold; None writes over anything."""

    verb = "write weights"
    actions: Actions
    to: Weights
    before: Weights | None

    @property
    def saying(self) -> str:
        return f"Moving traffic to {self.to}"

    def calls(self, manifest: Manifest) -> tuple[Call, ...]:
        parameters = {"RuleArn": manifest.door.traffic_rule_arn, "Actions": list(self.actions)}
        return (Call("elbv2", "ModifyRule", parameters),)


@dataclass(frozen=True)
class VerifyTraffic(Step):
    """Ask every address of the door, on new connections, until each answers from the colour so many times in a row."""

    verb = "verify"
    colour: Colour

    @property
    def saying(self) -> str:
        return f"Asking every address of the door until only {self.colour} answers"


@dataclass(frozen=True)
class Hold(Step):
    """Keep the old colour at full size: an address may still apply the old weights, up to two minutes late."""

    verb = "hold"
    colour: Colour
    seconds: float
    hourly_usd: float

    @property
    def saying(self) -> str:
        cost = f", ${self.hourly_usd:.2f}/h" if self.hourly_usd else ""
        return f"Holding {self.colour.other} at full size for {self.seconds:g} s{cost}"


@dataclass(frozen=True)
class Bake(Step):
    """Watch the new colour's targets under real traffic."""

    verb = "bake"
    placement: Placement
    seconds: float

    @property
    def saying(self) -> str:
        return f"Watching {self.placement.colour} under traffic for {self.seconds:g} s"
