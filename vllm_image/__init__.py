"""The inference container: it starts vLLM, knows when vLLM can really answer, and stops it without loss.

Owns: profile and environment → `vllm serve` (profiles, settings, arguments), readiness and liveness
(readiness, upstream, monitor, ready_server), the process (child, supervisor), the two commands that the
task definition names (launch.py, probe.py), and the image. It imports nothing of the rest of the kit and
only the standard library: the folder is copied into vLLM's own image, whose packages are vLLM's.
"""
