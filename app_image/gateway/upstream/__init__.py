"""Our own HTTP/1.1 client for upstreams: the only package that knows how they are called.

Chosen by `python -m benchmarks.gateway.clients` (November 2026, one core, CPU a request): own 24 us, pyreqwest 0.15
42 us, aiohttp 3.14 115 us; a streamed chunk costs 13, 11 and 17 us. pyreqwest keeps the connection of a cancelled
request open, so a model would go on generating for a client that left. Ours does only what the tiers need; what
happens when a caller leaves, a server dies or a reader is slow is tested in every phase (tests/gateway/transport).
"""
