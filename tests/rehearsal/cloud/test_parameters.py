"""The public parameter of the GPU image, as AWS answers it."""

from rehearsal.cloud import parameters
from rehearsal.cloud.server import Cloud
from scripts.aws import gpu_image
from scripts.aws.clients import Clients
from tests import sdk


def test_the_recommended_image_can_be_read_by_the_kit(cloud: Cloud) -> None:
    parameters.install()
    found = gpu_image.recommended(Clients(sdk.session("operator"), "us-east-1", cloud.endpoint_url))
    assert found.image_id.startswith("ami-")
    assert "ecs-gpu" in found.name
    assert found.agent
    assert found.docker.startswith("Docker version")


def test_a_text_stays_as_it_is() -> None:
    assert parameters.as_json("ami-1") == "ami-1"
    assert parameters.as_json({"a": 1}) == '{"a": 1}'
