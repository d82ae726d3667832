"""What a rehearsal says nothing about. The report ends with this list."""

NOT_PROVEN = (
    "IAM conditions and trust: only actions, and resources where a request names them, were held against the policies",
    "Service quotas and EC2's real capacity for g5: the rehearsal grants both",
    "WAF rules, DNS and the client's resolver: the door is a loopback address",
    "The load balancer's inside: Envoy stands for it, docs/alb-vs-envoy.md lists each difference",
    "GPU behaviour: memory, throughput and load time of a real model; vLLM is an imitation here",
    "Container images: commands ran as child processes, Dockerfiles were not built",
    "The collector sidecar: declared in the task definitions, not run",
    "Ownership under the real engine: it was not run; that weights and counts survive `pulumi up` is set as options "
    "here, not seen",
)
