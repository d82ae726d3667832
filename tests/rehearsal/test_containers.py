from pathlib import Path

import pytest

from rehearsal.containers import Containers
from rehearsal.ecs.model import Revision, Task
from rehearsal.settings import RehearsalSettings


def task(model: str, revision: str) -> Task:
    environment = {"SWITCHYARD_MODEL": model, "SWITCHYARD_MODEL_REVISION": revision}
    made = Revision("vllm:1", "vllm", "x@sha256:1", (), environment, {}, 8000, True, 5, None)
    return Task("t1", "switchyard-rehearsal-vllm-blue", made, "ecs-svc/1", "127.9.0.1", created=0)


@pytest.fixture
def containers(tmp_path: Path) -> Containers:
    return Containers(RehearsalSettings(folder=tmp_path / "rehearsal"))


@pytest.mark.parametrize("model", ["kestrel", "birds/kestrel"])
def test_a_model_is_put_below_the_models(containers: Containers, tmp_path: Path, model: str) -> None:
    containers.prepare(task(model, "r-1"))
    assert (tmp_path / "rehearsal" / "models" / f"{model}@r-1").is_dir()


@pytest.mark.parametrize(
    ("model", "revision"),
    [("../kestrel", "1"), ("a/../../kestrel", "1"), ("{}/kestrel", "1"), ("kestrel", "1/../../x")],
)
def test_a_model_outside_the_models_is_refused_and_not_made(
    containers: Containers, tmp_path: Path, model: str, revision: str
) -> None:
    with pytest.raises(OSError, match="outside the folder of the models"):
        containers.prepare(task(model.format(tmp_path), revision))
    assert list(tmp_path.rglob("*")) == []
