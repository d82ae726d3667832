"""What stands in for container images: the folders that are their WORKDIRs, and the `vllm` on their PATH."""

import os
import sys
from pathlib import Path

from rehearsal.ecs.credentials import Credentials, none
from rehearsal.ecs.model import Task
from rehearsal.ecs.runner import Surroundings
from rehearsal.faults import Setting, fake_vllm_options
from rehearsal.images import Behaviour, behaviour_of
from rehearsal.settings import REPOSITORY, RehearsalSettings
from stacks.naming import Colour

# The fake loads in seconds, so its launcher looks more often than it would at a real model.
_VLLM_PACE = {
    "SWITCHYARD_START_POLL_SECONDS": "0.2",
    "SWITCHYARD_PROBE_INTERVAL_SECONDS": "1",
    "SWITCHYARD_PROBE_TIMEOUT_SECONDS": "1",
    "SWITCHYARD_PROBE_FAILURES": "2",
}


class Containers:
    """How a task's container is run here. `faults` is replaced as a whole when somebody sets one."""

    def __init__(self, settings: RehearsalSettings) -> None:
        self._settings = settings
        self.faults: tuple[Setting, ...] = ()

    def surroundings(self, credentials: Credentials = none) -> Surroundings:
        binaries = self._write_shim()
        path = os.pathsep.join([str(binaries), str(Path(sys.executable).parent), os.environ.get("PATH", "")])
        return Surroundings(
            working_directories={"gateway": REPOSITORY / "app_image", "vllm": REPOSITORY / "vllm_image"},
            environment={
                "PATH": path,
                "SWITCHYARD_GENERATIONS": str(self._settings.generations),
                "SWITCHYARD_MODEL_DIRECTORY": str(self._settings.models),
                **_VLLM_PACE,
            },
            logs=self._settings.logs,
            credentials=credentials,
        )

    def prepare(self, task: Task) -> Behaviour:
        """Put a vLLM task's model where a host has it. Returns the image's behaviour and what faults add to it.

        Raises OSError when the model cannot be there.
        """
        image = behaviour_of(task.revision.image)
        if task.revision.container != "vllm":
            return image
        told = task.revision.environment
        self._make_model(f"{told.get('SWITCHYARD_MODEL')}@{told.get('SWITCHYARD_MODEL_REVISION')}")
        colour = Colour(task.service.rsplit("-", 1)[-1])
        words = [image.environment.get("FAKE_VLLM", ""), *fake_vllm_options(list(self.faults), colour)]
        options = ",".join(word for word in words if word)
        return Behaviour({**image.environment, "FAKE_VLLM": options}, image.command)

    def _make_model(self, name: str) -> None:
        models = self._settings.models.resolve()
        made = (models / name).resolve()
        if models not in made.parents:
            raise PermissionError(f"model {name!r} leads outside the folder of the models")
        made.mkdir(parents=True, exist_ok=True)

    def _write_shim(self) -> Path:
        folder = self._settings.folder / "bin"
        folder.mkdir(parents=True, exist_ok=True)
        shim = folder / "vllm"
        shim.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m rehearsal.fake_vllm "$@"\n')
        shim.chmod(0o755)
        return folder
