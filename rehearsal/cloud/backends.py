"""The one place that reaches into moto's state. Callers hold the cloud's lock."""

from typing import Any

from moto.autoscaling.models import autoscaling_backends
from moto.core import DEFAULT_ACCOUNT_ID
from moto.ecr.models import ecr_backends
from moto.ecs.models import ecs_backends
from moto.elbv2.models import elbv2_backends
from moto.iam.models import iam_backends
from moto.s3.models import s3_backends
from moto.secretsmanager.models import secretsmanager_backends

ACCOUNT_ID: str = DEFAULT_ACCOUNT_ID


class Backends:
    """moto's models of one region."""

    def __init__(self, region: str) -> None:
        self.region = region
        self.elbv2: Any = elbv2_backends[ACCOUNT_ID][region]
        self.ecs: Any = ecs_backends[ACCOUNT_ID][region]
        self.autoscaling: Any = autoscaling_backends[ACCOUNT_ID][region]
        self.ecr: Any = ecr_backends[ACCOUNT_ID][region]
        self._secrets: Any = secretsmanager_backends[ACCOUNT_ID][region]
        self._iam: Any = iam_backends[ACCOUNT_ID]["aws"]
        self._s3: Any = s3_backends[ACCOUNT_ID]["aws"]

    def secret_value(self, reference: str) -> str | None:
        """The value behind a task definition's `valueFrom`, None while nothing has been put there."""
        secret = self.secret(reference)
        if secret is None:
            return None
        version = secret.versions.get(secret.default_version_id) or {}
        value = version.get("secret_string")
        return str(value) if value is not None else None

    def secret(self, reference: str) -> Any:
        """By ARN or name, None where there is none."""
        found = self._secrets.secrets.values()
        return next((secret for secret in found if reference in (secret.arn, secret.name)), None)

    def put_object(self, bucket: str, key: str) -> None:
        """An empty object, whatever the bucket's policy says."""
        self._s3.put_object(bucket, key, b"")

    def role_policies(self, role_name: str) -> list[str]:
        """The JSON documents of a role's inline and attached policies."""
        role = next((role for role in self._iam.roles.values() if role.name == role_name), None)
        if role is None:
            return []
        attached = [policy.document for policy in role.managed_policies.values()]
        return [*role.policies.values(), *attached]

    def autoscaling_group(self, name: str) -> Any:
        return self.autoscaling.autoscaling_groups.get(name)

    def services(self, cluster: str) -> list[Any]:
        return [s for s in self.ecs.services.values() if s.cluster_name == cluster and s.status == "ACTIVE"]

    def replicas(self, cluster: str) -> list[Any]:
        """The services that are run here. Daemons are only declared, as sidecars are: a laptop has nothing for them."""
        return [service for service in self.services(cluster) if service.scheduling_strategy != "DAEMON"]

    def task_definition(self, reference: str) -> Any:
        return self.ecs.describe_task_definition(reference)
