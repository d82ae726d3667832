"""Secrets, keys, the web firewall, health checks from outside.

Not counted: calls to Secrets Manager and KMS, which happen when a task starts.
"""

import json
from collections.abc import Iterable
from typing import Any

from scripts.cost.assumptions import Assumptions
from scripts.cost.family import Family, of_type
from scripts.cost.model import Line, Used
from scripts.cost.scene import Scene

_SECRET = "aws:secretsmanager/secret:Secret"  # noqa: S105 - a resource type
_KEY = "aws:kms/key:Key"
_ACL = "aws:wafv2/webAcl:WebAcl"
_CHECK = "aws:route53/healthCheck:HealthCheck"
_MILLION = 1e6


def _lines(scene: Scene) -> Iterable[Line]:
    acls = of_type(scene, _ACL)
    yield Line.always("secrets", "secret.month", len(of_type(scene, _SECRET)))
    yield Line.always("keys of one's own", "kms.key", len(of_type(scene, _KEY)))
    yield Line.always("web firewall", "waf.acl", len(acls))
    yield Line.always("its rules", "waf.rule", sum(len(_rules(found.inputs)) for found in acls))
    yield Line.always("health checks from outside", "route53.health_check", len(of_type(scene, _CHECK)))


def _uses(scene: Scene, month: Assumptions) -> Iterable[Used]:
    if of_type(scene, _ACL):
        yield Used(
            "requests through the web firewall",
            "waf.requests",
            month.requests_per_month / _MILLION,
            "--requests-per-month",
        )


def _rules(inputs: dict[str, Any]) -> list[Any]:
    """A managed group counts as one."""
    written: list[Any] = json.loads(inputs["ruleJson"]) if "ruleJson" in inputs else inputs.get("rules", [])
    return written


FAMILY = Family(
    "protection", frozenset({_SECRET, _KEY, _ACL, _CHECK}), lambda s: [*_lines(s)], lambda s, m: [*_uses(s, m)]
)
