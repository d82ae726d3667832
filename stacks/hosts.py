"""Where reserved hosts lie and what a host does at its first start. Pure."""


def spread(count: int, zones: tuple[str, ...]) -> dict[str, int]:
    """How many of `count` hosts each zone reserves, the first zones one more; zones without any are left out."""
    shares = {zone: count // len(zones) + (index < count % len(zones)) for index, zone in enumerate(zones)}
    return {zone: share for zone, share in shares.items() if share}


def user_data(cluster: str) -> str:
    """What a host does at its first start: join the cluster, show GPUs to tasks, keep its credentials from them."""
    lines = (
        f"ECS_CLUSTER={cluster}",
        "ECS_ENABLE_GPU_SUPPORT=true",
        "ECS_AWSVPC_BLOCK_IMDS=true",
        "ECS_IMAGE_PULL_BEHAVIOR=prefer-cached",
    )
    return "#!/bin/bash\nset -euo pipefail\ncat > /etc/ecs/ecs.config <<'END'\n" + "\n".join(lines) + "\nEND\n"
