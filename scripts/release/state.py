"""The whole state of an environment at one moment, read from AWS and the ledger.

For each API colour the running task definition says which release it is and which vLLM colour it calls; the ledger
says which of them is live. Where the two disagree, `contradiction` says so and no plan is made.
"""

from dataclasses import dataclass

from scripts.aws.model import STALE_READ_SECONDS, Definition, Rule, Service
from scripts.release import definitions, weights
from scripts.release.book import Book
from scripts.release.control import Control, Lease
from scripts.release.definitions import Running
from scripts.release.model import Content
from scripts.release.ports import Site
from scripts.release.weights import Weights
from stacks.naming import Colour, Part

Slot = tuple[Part, Colour]


@dataclass(frozen=True)
class State:
    """`running` is what each slot's task definition says, None where no release was ever there."""

    book: Book
    lease: Lease | None
    rule: Rule
    weights: Weights
    services: dict[Slot, Service]
    running: dict[Slot, Running | None]
    used_templates: dict[Slot, str]
    templates: dict[Part, Definition]

    @property
    def live_content(self) -> Content | None:
        return self.content(self.book.live.placement.colour) if self.book.live else None

    def content(self, colour: Colour) -> Content | None:
        """What runs on an API colour together with the vLLM colour that it calls."""
        api = self.running[Part.API, colour]
        vllm = self.running[Part.VLLM, api.model_colour] if api else None
        return definitions.content(api, vllm) if api and vllm else None

    @property
    def contradiction(self) -> str | None:
        placements = [p.placement for p in (self.book.live,) if p]
        for placement in placements:
            found = self.running[Part.API, placement.colour]
            if found is None or (found.release, found.model_colour) != (placement.release, placement.model_colour):
                runs = found.release if found else "no release"
                return f"{placement.colour} runs {runs}, the ledger says {placement.release}"
        return None

    @property
    def agrees(self) -> bool:
        """Whether AWS shows what the ledger says; while something is unfinished it need not."""
        return self.book.operation is not None or (
            self.contradiction is None and self.weights.sole is self.book.home_colour
        )

    @property
    def template_newer(self) -> bool:
        """Whether the infrastructure changed since the live release was made: it takes a release to bring it in."""
        if self.book.live is None:
            return False
        placement = self.book.live.placement
        used = {Part.API: placement.colour, Part.VLLM: placement.model_colour}
        return any(self.used_templates[part, colour] != self.templates[part].arn for part, colour in used.items())


def read(site: Site) -> State:
    """One look at everything. Strongly consistent for the ledger; AWS's answers may be a little old."""
    control = Control(site.table).read()
    rule = site.cloud.traffic_rule()
    services = site.cloud.services()
    found = {slot: site.cloud.definition(service.definition) for slot, service in services.items()}
    templates = {part: site.cloud.definition(site.manifest.slot(part, Colour.BLUE).template_family) for part in Part}
    return State(
        book=control.book,
        lease=control.lease,
        rule=rule,
        weights=weights.read(site.manifest, rule.actions),
        services=services,
        running={slot: definitions.running(d, site.manifest.slot(*slot).container) for slot, d in found.items()},
        used_templates={slot: d.tags.get(definitions.TEMPLATE_TAG, "") for slot, d in found.items()},
        templates=templates,
    )


def read_patiently(site: Site) -> State:
    """Read again while ledger and AWS disagree: AWS's answer may be older than the last command's end."""
    until = site.clock.monotonic() + STALE_READ_SECONDS
    while True:
        found = read(site)
        if found.agrees or site.clock.monotonic() >= until:
            return found
        site.clock.sleep(site.manifest.policy.poll_seconds)
