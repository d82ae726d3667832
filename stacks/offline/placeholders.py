"""What stands for the settings that only an environment's owner knows, or that are encrypted.

They are chosen so that everything optional is declared: cost and documents then leave nothing out. They are made up
and must never reach AWS.
"""

from collections.abc import Mapping
from pathlib import Path

from stacks.offline.settings import PROJECT, REPOSITORY, encrypted_keys, merged, secret_keys

REHEARSAL = "rehearsal"
_IMAGE = "@sha256:" + "0" * 64
_VALUES = {
    "domainName": "llm.example.com",
    "hostedZoneId": "Z0123456789EXAMPLE",
    "gpuAmiId": "ami-0123456789abcdef0",
    "collectorImage": f"collector{_IMAGE}",
    "gpuExporterImage": f"gpu-exporter{_IMAGE}",
    "alertEmails": '["oncall@example.com"]',
    "githubRepository": "example/llm",
    "previewToken": "0123456789abcdef" * 2,
}
# What stands for nothing in a settings file. The rehearsal runs without the images and has no zone.
_NOTHING = ("", "[]", "unpinned")
_NOT_IN_A_REHEARSAL = ("hostedZoneId", "collectorImage", "gpuExporterImage")


def completed(environment: str, repository: Path = REPOSITORY) -> dict[str, str]:
    """An environment's settings as the program reads them, with placeholders for what is not there to be read.

    Raises UnreadableSettings for an environment without a file.
    """
    config = merged(environment, {}, repository)
    unreadable = {*secret_keys(repository), *encrypted_keys(environment, repository)} & set(config)
    known = {key: value for key, value in config.items() if key not in unreadable or value in _NOTHING}
    return {**known, **_missing(environment, known, unreadable)}


def _missing(environment: str, known: Mapping[str, str], unreadable: set[str]) -> dict[str, str]:
    values = {f"{PROJECT}:{key}": value for key, value in _stand_ins(environment, known[f"{PROJECT}:region"]).items()}
    absent = {key: value for key, value in values.items() if known.get(key, "") in _NOTHING}
    return {**{key: f"placeholder-{key.partition(':')[2]}" for key in unreadable - set(known)}, **absent}


def _stand_ins(environment: str, region: str) -> dict[str, str]:
    if environment != REHEARSAL:
        return _VALUES
    certificate = f"arn:aws:acm:{region}:111122223333:certificate/12345678-1234-1234-1234-123456789012"
    kept = {key: value for key, value in _VALUES.items() if key not in _NOT_IN_A_REHEARSAL}
    return {**kept, "certificateArn": certificate}
