from collections.abc import Callable
from typing import Any

from rehearsal.cloud.backends import Backends
from tests.rehearsal.cloud.conftest import REGION


def test_daemons_are_declared_and_not_run(client: Callable[[str], Any]) -> None:
    ecs = client("ecs")
    ecs.create_cluster(clusterName="c")
    container = {"name": "main", "image": "i", "memory": 64}
    ecs.register_task_definition(family="f", containerDefinitions=[container])
    for strategy in ("REPLICA", "DAEMON"):
        name = strategy.lower()
        ecs.create_service(
            cluster="c", serviceName=name, taskDefinition="f", schedulingStrategy=strategy, desiredCount=0
        )
    backends = Backends(REGION)
    assert {found.name for found in backends.services("c")} == {"replica", "daemon"}
    assert [found.name for found in backends.replicas("c")] == ["replica"]
