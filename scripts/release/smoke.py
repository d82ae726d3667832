"""Smoke: does a colour answer real questions as the release that it claims to be?

Asked through the preview rule on every address of the door, so that a release is proven before it has traffic.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from scripts.errors import StepFailed
from scripts.release import asking
from scripts.release.asking import Origin
from scripts.release.model import Placement
from scripts.release.ports import Answered, Asked, DoorClosed, Site

# The first answer of a cold model may take a minute (requirements: 30 to 60 s).
WARM_UP_SECONDS = 60.0
_ANSWER_SECONDS = 30.0
_VLLM = "vllm"


@dataclass(frozen=True)
class Questioner:
    """Asks one placement, with its preview headers and the smoke key."""

    site: Site
    placement: Placement
    model: str
    key: str
    headers: Mapping[str, str]

    def warm_up(self, address: str) -> None:
        """Until vLLM itself answers: the gateway covers for a cold model with OpenAI. Failing is smoke's to say."""
        clock = self.site.clock
        until = clock.monotonic() + WARM_UP_SECONDS
        while clock.monotonic() < until:
            try:
                found = asking.origin(self._answer(address, self._completion(stream=False)))
            except StepFailed:
                found = None
            if found is not None and (found.release, found.tier) == (self.placement.release, _VLLM):
                return
            clock.sleep(self.site.manifest.policy.poll_seconds)

    def check(self, address: str) -> None:
        """Raises StepFailed with what was asked, what was expected and what came."""
        self._check_models(address)
        answer = self._answer(address, self._completion(stream=False))
        self._check_completion(address, answer, asking.complete_text(answer), "a completion")
        answer = self._answer(address, self._completion(stream=True))
        self._check_completion(address, answer, asking.streamed_text(answer), "a streamed completion")

    def _check_models(self, address: str) -> None:
        answer = self._answer(address, asking.models(self.key, self.headers))
        found = asking.listed_models(answer)
        if answer.status != 200 or self.model not in found:
            listed = ", ".join(found) or f"status {answer.status}"
            raise StepFailed(f"{address}: /v1/models lists {listed}, expected {self.model}")

    def _check_completion(self, address: str, answer: Answered, text: str | None, what: str) -> None:
        if answer.status != 200 or not text:
            seen = answer.body[:200].decode(errors="replace")
            raise StepFailed(f"{address}: {what} failed with status {answer.status}: {seen}")
        expected = Origin(self.placement.release, self.placement.colour, self.placement.model_colour, _VLLM)
        found = asking.origin(answer)
        if found != expected:
            reason = answer.headers.get("x-switchyard-fallback-reason")
            because = f" (fallback reason: {reason})" if reason else ""
            raise StepFailed(f"{address}: {what} came from {_words(found)}{because}, expected {_words(expected)}")

    def _completion(self, *, stream: bool) -> Asked:
        return asking.completion(self.key, self.model, stream, self.headers)

    def _answer(self, address: str, asked: Asked) -> Answered:
        try:
            return self.site.door.ask(address, asked, _ANSWER_SECONDS)
        except DoorClosed as error:
            raise StepFailed(f"{address}: {asked.path} got no answer: {error}") from error


def questioner(site: Site, placement: Placement, model: str) -> Questioner:
    return Questioner(site, placement, model, site.cloud.smoke_key, site.cloud.preview_headers(placement.colour))


def smoke(site: Site, placement: Placement, model: str, *, warm_up: bool) -> int:
    """Ask on every address. Answers how many addresses there were; raises StepFailed."""
    asker, addresses = questioner(site, placement, model), site.door.addresses()
    if warm_up:
        asker.warm_up(addresses[0])
    for address in addresses:
        asker.check(address)
    return len(addresses)


def _words(found: Origin) -> str:
    release, tier = found.release or "no release", found.tier or "no tier"
    return f"{release} on {found.colour or 'no colour'}, model {found.model_colour or 'nowhere'}, tier {tier}"
