"""What a rehearsal says nothing about. The report ends with this list."""

import shutil

NOT_PROVEN = (
    "IAM conditions and resource scoping: only the actions of the deployer's policy were checked",
    "Service quotas and EC2's real capacity for g5: the rehearsal grants both",
    "WAF rules, DNS and the client's resolver: the door is a loopback address",
    "The load balancer's inside: Envoy stands for it, docs/alb-vs-envoy.md lists each difference",
    "GPU behaviour: memory, throughput and load time of a real model; vLLM is an imitation here",
    "Container images: commands ran as child processes, Dockerfiles were not built",
    "The collector sidecar: declared in the task definitions, not run",
)
_OWNERSHIP = (
    "Ownership under the real engine: not run, because the `pulumi` command is not on this machine; "
    "that weights survive `pulumi up` is set as options here, not seen"
)


def not_proven() -> tuple[str, ...]:
    """The list for this machine."""
    return NOT_PROVEN if shutil.which("pulumi") else (*NOT_PROVEN, _OWNERSHIP)
