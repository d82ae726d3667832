"""When each version of a secret was made: moto answers ListSecretVersionIds with the time of the question."""

from datetime import UTC, datetime
from typing import Any

from rehearsal.cloud.additions import AwsError, install
from rehearsal.cloud.backends import Backends


def install_dates(backends: Backends) -> None:
    """Answer with the dates that moto itself keeps, in whole seconds."""
    install("secretsmanager", {"list_secret_version_ids": lambda wanted: _versions(backends, wanted["SecretId"])})


def _versions(backends: Backends, reference: str) -> dict[str, Any]:
    secret = backends.secret(reference)
    if secret is None:
        raise AwsError("ResourceNotFoundException", "Secrets Manager can't find the specified secret.")
    versions = [
        {
            "VersionId": identifier,
            "VersionStages": version["version_stages"],
            "CreatedDate": datetime.fromtimestamp(version["createdate"], UTC),
        }
        for identifier, version in secret.versions.items()
    ]
    return {"ARN": secret.arn, "Name": secret.name, "Versions": versions}
