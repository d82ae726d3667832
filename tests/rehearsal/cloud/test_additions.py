"""What is hung onto moto is taken off again: the next test in this process meets moto as it is."""

from moto.secretsmanager.responses import SecretsManagerResponse

from rehearsal.cloud.additions import install
from rehearsal.cloud.server import Cloud


def test_a_cloud_that_stops_leaves_moto_as_it_was() -> None:
    before = SecretsManagerResponse.list_secret_version_ids
    cloud = Cloud("us-east-1")
    cloud.start()
    install("secretsmanager", {"list_secret_version_ids": lambda _: {}, "never_heard_of": lambda _: {}})
    install("secretsmanager", {"list_secret_version_ids": lambda _: {"again": True}})
    assert SecretsManagerResponse.list_secret_version_ids is not before
    cloud.stop()
    assert SecretsManagerResponse.list_secret_version_ids is before
    assert not hasattr(SecretsManagerResponse, "never_heard_of")
