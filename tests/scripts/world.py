"""One imitated environment and the commands on it: what most engine tests begin with."""

from dataclasses import dataclass, field
from io import StringIO

from scripts.console import Console
from scripts.release import commands, rollback
from scripts.release.book import Book
from scripts.release.commands import Consent, Done
from scripts.release.control import Control
from scripts.release.model import Change
from scripts.release.ports import Site
from scripts.release.preflight import Override
from scripts.release.rollback import RolledBack
from scripts.release.rollback_target import Asked
from scripts.task_names import TaskName
from stacks.manifest import Manifest
from stacks.naming import Colour
from tests.scripts.examples import digest, manifest
from tests.scripts.fake_clock import FakeClock
from tests.scripts.fake_cloud import FakeCloud
from tests.scripts.fake_door import FakeDoor
from tests.scripts.fake_table import FakeTable

FIRST = Change(digest("api-1"), digest("vllm-1"), "resume", "1", "resume-analysis")
NEW_MODEL = Change(model="resume", revision="2")
NEW_API = Change(api_image=digest("api-2"))


@dataclass
class World:
    """The fakes of one environment, bound together."""

    manifest: Manifest = field(default_factory=manifest)
    clock: FakeClock = field(default_factory=FakeClock)
    table: FakeTable = field(default_factory=FakeTable)
    output: StringIO = field(default_factory=StringIO)
    host: str = "laptop:1"

    def __post_init__(self) -> None:
        self.cloud = FakeCloud(self.manifest, self.clock)
        self.door = FakeDoor(self.cloud)

    @property
    def site(self) -> Site:
        voice = Console(self.output, self.output, self.clock.monotonic, interactive=False)
        return Site(self.manifest, self.cloud, self.table, self.clock, self.door, voice, self.host, heartbeats=False)

    @property
    def book(self) -> Book:
        return Control(self.table).read().book

    @property
    def said(self) -> str:
        return self.output.getvalue()

    def deploy(self, change: Change, *, yes: bool = True, override: Override | None = None) -> Done:
        return commands.deploy_green(self.site, change, "because", override or Override(), Consent(yes))

    def switchover(self) -> Done:
        return commands.conclude(self.site, TaskName.SWITCHOVER, Consent())

    def settle(self) -> Done:
        return commands.conclude(self.site, TaskName.SETTLE, Consent())

    def abort(self) -> Done:
        return commands.conclude(self.site, TaskName.ABORT, Consent())

    def rollback(self, to: Colour | None = None, *, force: bool = False) -> RolledBack:
        return rollback.rollback(self.site, Asked(to, force))

    def live(self, *changes: Change) -> "World":
        """Deploy and switch to the first release, then to each change, settling in between."""
        for change in (FIRST, *changes):
            self.deploy(change)
            self.switchover()
            self.settle()
        return self
