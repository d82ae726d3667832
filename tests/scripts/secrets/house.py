"""An environment with a live release and secrets, and a watch on which keys its tasks take at every moment."""

import json
from dataclasses import dataclass, field

from scripts.secrets.names import Kept, all_arns
from scripts.secrets.rotation import Rotation, Rotator
from stacks.naming import Colour, Part
from tests.scripts.fake_vault import FakeVault
from tests.scripts.world import World

OLD_KEY = "sk-ana-0123456789abcdef0123456789abcdef"
OTHER_KEY = "sk-bob-0123456789abcdef0123456789abcdef"
OPENAI_KEY = "sk-openai-0123456789abcdef"


@dataclass
class House:
    """`world` is live unless it says otherwise. `required` are keys that every task that answers must take."""

    world: World = field(default_factory=lambda: World())
    required: list[str] = field(default_factory=list)
    refusals: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        cloud = self.world.cloud
        values = {Kept.API_KEYS: json.dumps({"ana": OLD_KEY, "bob": OTHER_KEY}), Kept.SMOKE_KEY: "s" * 40}
        values[Kept.OPENAI_KEY] = OPENAI_KEY
        for name, arn in all_arns(self.world.manifest).items():
            cloud.ecs.secrets[arn], cloud.secrets_since[arn] = values[name], self.world.clock.now()
        self.vault = FakeVault(cloud)
        self.world.live()
        self.world.clock.on_move.append(self._watch)

    @property
    def rotator(self) -> Rotator:
        return Rotator(self.world.site, self.vault)

    @property
    def keys(self) -> dict[str, str]:
        found: dict[str, str] = json.loads(self.world.cloud.ecs.secrets[self.world.manifest.secrets.api_keys])
        return found

    def begin(self, client: str = "ana") -> Rotation:
        return self.rotator.begin_client(client)

    def finish(self, client: str = "ana") -> Rotation:
        return self.rotator.finish_client(client, consented=True)

    def accepted(self) -> list[set[str]]:
        """For each task that answers now, the clients' keys that it takes."""
        arn, now, ecs = self.world.manifest.secrets.api_keys, self.world.clock.seconds, self.world.cloud.ecs
        tasks = [task for colour in Colour for task in ecs.serving((Part.API, colour), now)]
        return [set(json.loads(task.read[arn]).values()) for task in tasks]

    def _watch(self) -> None:
        taken = self.accepted()
        for key in self.required:
            if not taken or not all(key in keys for keys in taken):
                self.refusals.append(f"{self.world.clock.seconds:.0f} s: a task refuses {key}")
