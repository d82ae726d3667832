"""The steps that put a secret's value there and bring it into running API tasks. Pure data."""

from dataclasses import dataclass, field

from scripts.aws.model import Call, Hidden
from scripts.release.steps import SlotStep, Step
from stacks.manifest import Manifest


@dataclass(frozen=True)
class WriteSecret(Step):
    """Make a new version of a secret. `token` makes a repeated call harmless: it is the version's id."""

    verb = "write"
    secret: str
    arn: str
    token: str
    value: str = field(repr=False)

    @property
    def name(self) -> str:
        return f"{self.verb} {self.secret}"

    @property
    def saying(self) -> str:
        return f"Writing {self.secret}"

    def calls(self, manifest: Manifest) -> tuple[Call, ...]:
        parameters = {"SecretId": self.arn, "ClientRequestToken": self.token, "SecretString": Hidden(self.value)}
        return (Call("secretsmanager", "PutSecretValue", parameters),)


@dataclass(frozen=True)
class Roll(SlotStep):
    """Ask ECS for a successor of every task. By the service's 100/200 each one serves before an old one goes."""

    verb = "roll"

    @property
    def saying(self) -> str:
        return f"Starting successors of the {self.slot} tasks"

    def calls(self, manifest: Manifest) -> tuple[Call, ...]:
        service = manifest.slot(self.part, self.colour).service
        return (
            Call("ecs", "UpdateService", {"cluster": manifest.cluster, "service": service, "forceNewDeployment": True}),
        )


@dataclass(frozen=True)
class AwaitRolled(SlotStep):
    """Wait until the successors serve and the load balancer has let go of every old task."""

    verb = "await rolled"

    @property
    def saying(self) -> str:
        return f"Waiting until only new {self.slot} tasks serve"
