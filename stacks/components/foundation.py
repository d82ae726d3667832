"""What the services of both parts stand on, gathered once, and what their templates have in common."""

from dataclasses import dataclass

import pulumi

from stacks.components.cluster import Cluster
from stacks.components.firewall import Firewall
from stacks.components.identity import Identity
from stacks.components.images import Images
from stacks.components.network import Network
from stacks.containers import COLLECTOR, PLACEHOLDER_TAG, Logs, collector
from stacks.naming import Names, Part
from stacks.schema import Settings


@dataclass(frozen=True)
class Foundation:
    """The components that both parts use."""

    names: Names
    settings: Settings
    network: Network
    firewall: Firewall
    cluster: Cluster
    images: Images
    identity: Identity

    def logs(self, which: str) -> Logs:
        return Logs(self.names.log_group(which), self.settings.place.region)

    def image(self, part: Part) -> pulumi.Output[str]:
        """A placeholder: ECS would refuse to run it, and so does the release engine."""
        return pulumi.Output.concat(self.images.repositories[part].repository_url, f":{PLACEHOLDER_TAG}")

    def common_environment(self) -> dict[str, str]:
        times = self.settings.times
        return {
            "SWITCHYARD_ENVIRONMENT": self.settings.environment,
            "SWITCHYARD_STOP_TIMEOUT_SECONDS": str(times.stop_timeout_seconds),
            "SWITCHYARD_KEEP_ALIVE_SECONDS": str(times.keep_alive_seconds),
        }

    def collector(self) -> dict[str, object]:
        environment = {"SWITCHYARD_ENVIRONMENT": self.settings.environment}
        return collector(
            collector_reference(self.settings.observation.collector_image), environment, self.logs(COLLECTOR)
        )


def collector_reference(setting: str) -> str:
    """The rehearsal leaves the collector unpinned and never starts it; the reference says so."""
    return setting if "@sha256:" in setting else f"{COLLECTOR}:{setting}"
