"""What can be broken in a rehearsal: one closed set, declared once, with what each does and which value it takes.

A fault holds until it is healed; `vllm-dies` and `host-lost` are events that heal by themselves. `vllm-gone` is
both: it strikes once, and what it struck stays away until it is healed.
"""

from dataclasses import dataclass
from enum import StrEnum

from rehearsal.errors import UnknownFault
from stacks.naming import Colour


class Fault(StrEnum):
    PROPAGATION_DELAY = "propagation-delay"
    STALE_READS = "stale-reads"
    SLOW_START = "slow-start"
    NO_FREE_GPU = "no-free-gpu"
    NO_G5 = "no-g5"
    CRASH_ON_START = "crash-on-start"
    NEVER_HEALTHY = "never-healthy"
    VLLM_DIES = "vllm-dies"
    VLLM_GONE = "vllm-gone"
    HOST_LOST = "host-lost"


@dataclass(frozen=True)
class Kind:
    """How a fault is set. `unit` is None for a fault without a value; `event` faults happen once."""

    says: str
    unit: str | None = None
    default: float = 0.0
    largest: float = 0.0
    takes_colour: bool = False
    event: bool = False


KINDS: dict[Fault, Kind] = {
    Fault.PROPAGATION_DELAY: Kind("one node of the load balancer applies new weights late", "seconds", 10, 120),
    Fault.STALE_READS: Kind("ECS, load balancer and non-consistent table reads may be old", "seconds", 3, 30),
    Fault.SLOW_START: Kind("vLLM tasks that start from now on load for long", "seconds", 15, 600, takes_colour=True),
    Fault.NO_FREE_GPU: Kind("the auto scaling group may grow no further"),
    Fault.NO_G5: Kind("EC2 has no g5 left: reservations and launches fail"),
    Fault.CRASH_ON_START: Kind("vLLM tasks that start from now on exit at once", takes_colour=True),
    Fault.NEVER_HEALTHY: Kind("vLLM tasks that start from now on never become ready", takes_colour=True),
    Fault.VLLM_DIES: Kind("one vLLM process is killed", takes_colour=True, event=True),
    Fault.VLLM_GONE: Kind("every vLLM process of a colour is killed, and none starts", takes_colour=True),
    Fault.HOST_LOST: Kind("the host of one vLLM task drops all packets", takes_colour=True, event=True),
}


@dataclass(frozen=True)
class Setting:
    """A fault as somebody asked for it. `colour` None means both, or the colour in use for what strikes."""

    fault: Fault
    value: float
    colour: Colour | None = None


def parse(name: str, colour: str | None, value: str | None) -> Setting:
    """Check a request. Raises UnknownFault, naming what would be right."""
    try:
        fault = Fault(name)
    except ValueError:
        raise UnknownFault(f"unknown fault {name!r}: expected one of {', '.join(Fault)}") from None
    kind = KINDS[fault]
    return Setting(fault, _value(fault, kind, value), _colour(fault, kind, colour))


def fake_vllm_options(settings: list[Setting], colour: Colour) -> list[str]:
    """What active faults add to FAKE_VLLM for a vLLM task of this colour."""
    mine = [setting for setting in settings if setting.colour in (None, colour)]
    words = {Fault.CRASH_ON_START: "crash=1", Fault.NEVER_HEALTHY: "never_ready=1"}
    slow = [f"start_seconds={setting.value:g}" for setting in mine if setting.fault is Fault.SLOW_START]
    return slow + [words[setting.fault] for setting in mine if setting.fault in words]


def _value(fault: Fault, kind: Kind, text: str | None) -> float:
    if kind.unit is None:
        if text is not None:
            raise UnknownFault(f"the fault {fault} takes no value, found {text!r}")
        return 0.0
    if text is None:
        return kind.default
    try:
        value = float(text)
    except ValueError:
        value = -1.0
    if not 0 <= value <= kind.largest:
        raise UnknownFault(f"the fault {fault} takes 0 to {kind.largest:g} {kind.unit}, found {text!r}")
    return value


def _colour(fault: Fault, kind: Kind, text: str | None) -> Colour | None:
    if text is None:
        return None
    if not kind.takes_colour:
        raise UnknownFault(f"the fault {fault} takes no colour, found {text!r}")
    try:
        return Colour(text)
    except ValueError:
        raise UnknownFault(f"unknown colour {text!r}: expected blue or green") from None
