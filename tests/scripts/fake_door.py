"""The public load balancer in memory: addresses that apply weights each after its own delay, and a gateway behind."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field

from scripts.release.ports import Answered, Asked, DoorClosed
from scripts.release.weights import Weights
from stacks.naming import Colour, Part
from tests.scripts.fake_cloud import FakeCloud


@dataclass
class FakeDoor:
    """`delays` is seconds by address. `wrong_models` are vLLM digests that serve another name than asked for."""

    cloud: FakeCloud
    delays: dict[str, float] = field(default_factory=lambda: {"10.1.0.1:443": 0.0, "10.1.0.2:443": 0.0})
    wrong_models: set[str] = field(default_factory=set)
    history: list[tuple[float, Weights]] = field(default_factory=list)
    answers: list[tuple[str, str]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.history.append((-1000.0, self.cloud.weights))

    def addresses(self) -> tuple[str, ...]:
        return tuple(self.delays)

    def ask(self, address: str, asked: Asked, timeout_seconds: float) -> Answered:
        self._note()
        preview = asked.headers.get("x-switchyard-preview-colour")
        colour = Colour(preview) if preview else self._applied(address).sole
        if colour is None or not self.cloud.ecs.healthy((Part.API, colour), self.cloud.clock.seconds):
            raise DoorClosed("503 from the load balancer")
        self.answers.append((address, str(colour)))
        said = self.cloud.ecs.variables((Part.API, colour))
        return self._models(said) if asked.path == "/v1/models" else self._completion(asked, said)

    def _applied(self, address: str) -> Weights:
        until = self.cloud.clock.seconds - self.delays[address]
        return [weights for at, weights in self.history if at <= until][-1]

    def _note(self) -> None:
        if self.history[-1][1] != self.cloud.weights:
            self.history.append((self.cloud.clock.seconds, self.cloud.weights))

    def _models(self, said: Mapping[str, str]) -> Answered:
        return Answered(200, self._headers(said), json.dumps({"data": [{"id": said["SWITCHYARD_MODEL"]}]}).encode())

    def _completion(self, asked: Asked, said: Mapping[str, str]) -> Answered:
        if json.loads(asked.body)["stream"]:
            event = json.dumps({"choices": [{"delta": {"content": "hello"}}]})
            return Answered(200, self._headers(said), f"data: {event}\n\ndata: [DONE]\n\n".encode())
        body = json.dumps({"choices": [{"message": {"content": "hello"}}]}).encode()
        return Answered(200, self._headers(said), body)

    def _headers(self, said: Mapping[str, str]) -> dict[str, str]:
        slot = (Part.VLLM, Colour(said["SWITCHYARD_MODEL_COLOUR"]))
        healthy = self.cloud.ecs.healthy(slot, self.cloud.clock.seconds)
        image = self.cloud.definitions[self.cloud.ecs.slots[slot].definition].body["containerDefinitions"][0]["image"]
        served = healthy and image.partition("@")[2] not in self.wrong_models
        return {
            "x-switchyard-release": said["SWITCHYARD_RELEASE"],
            "x-switchyard-colour": said["SWITCHYARD_COLOUR"],
            "x-switchyard-model-colour": said["SWITCHYARD_MODEL_COLOUR"],
            "x-switchyard-tier": "vllm" if served else "openai",
        }
