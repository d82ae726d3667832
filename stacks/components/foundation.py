"""What the services of both parts stand on, gathered once, and what their templates have in common."""

from collections.abc import Mapping
from dataclasses import dataclass

import pulumi

from stacks.collectors import CONFIGURATION_VARIABLE, configuration
from stacks.components.cluster import Cluster
from stacks.components.firewall import Firewall
from stacks.components.identity import Identity
from stacks.components.images import Images
from stacks.components.network import Network
from stacks.components.telemetry import Telemetry
from stacks.containers import COLLECTOR, PLACEHOLDER_TAG, SHELL_VOLUMES, Logs, collector
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
    telemetry: Telemetry

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

    @property
    def shell_volumes(self) -> dict[str, str]:
        """Empty where no shell can be opened."""
        return SHELL_VOLUMES if self.settings.access.execute_command else {}

    def collector(self, variables: Mapping[str, str], *pieces: str) -> dict[str, object]:
        """The collector of a task, with the named pieces of its configuration and the variables that they ask for."""
        environment = {CONFIGURATION_VARIABLE: configuration(*pieces), **variables}
        image = image_reference(COLLECTOR, self.settings.observation.collector_image)
        return collector(image, environment, self.logs(COLLECTOR))


def image_reference(name: str, setting: str) -> str:
    """The rehearsal leaves the images of others unpinned and never starts them; the reference says so."""
    return setting if "@sha256:" in setting else f"{name}:{setting}"
