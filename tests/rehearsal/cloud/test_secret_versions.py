from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from rehearsal.cloud.backends import Backends
from rehearsal.cloud.secret_versions import install_dates


def test_a_version_is_as_old_as_it_is(client: Callable[[str], Any]) -> None:
    backends = Backends("us-east-1")
    install_dates(backends)
    store = client("secretsmanager")
    arn = store.create_secret(Name="switchyard/rehearsal/api-keys")["ARN"]
    version = store.put_secret_value(SecretId=arn, SecretString="k3y")["VersionId"]
    made = datetime(2026, 11, 1, tzinfo=UTC)
    backends.secret(arn).versions[version]["createdate"] = int(made.timestamp())
    found = store.list_secret_version_ids(SecretId=arn)["Versions"]
    assert {"AWSCURRENT": made} == {
        stage: entry["CreatedDate"] for entry in found for stage in entry["VersionStages"] if stage == "AWSCURRENT"
    }
