"""Values for the settings that only the owner of an account knows. The account is AWS's own example account."""

import json

OWNER = {
    "domainName": "llm.example.com",
    "certificateArn": "arn:aws:acm:us-east-1:111122223333:certificate/12345678-1234-1234-1234-123456789012",
    "gpuAmiId": "ami-0123456789abcdef0",
    "collectorImage": "collector@sha256:" + "0" * 64,
    "gpuExporterImage": "gpu-exporter@sha256:" + "0" * 64,
    "previewToken": "0123456789abcdef0123456789abcdef",
}
# The owner of a Route 53 zone who brings no certificate.
ZONE = {**{key: value for key, value in OWNER.items() if key != "certificateArn"}, "hostedZoneId": "Z0123456789EXAMPLE"}
# The largest network: three zones, and more source ranges than a network access list can hold.
WIDE = {
    **OWNER,
    "zones": json.dumps(["us-east-1a", "us-east-1b", "us-east-1c"]),
    "allowedSourceRanges": json.dumps([f"203.0.113.{16 * index}/32" for index in range(16)] + ["198.51.100.0/24"]),
}
SECRET = frozenset({"previewToken", "previousPreviewToken"})
ENVIRONMENTS = ("rehearsal", "staging", "production")


def plain(config: dict[str, str]) -> dict[str, str]:
    """Without the project's name before each key."""
    return {key.partition(":")[2]: value for key, value in config.items()}
