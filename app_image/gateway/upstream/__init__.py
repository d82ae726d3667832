"""Our own HTTP/1.1 client for upstreams: the only package that knows how they are called.

It does only what the tiers need, so that what happens when a caller leaves, a server dies or a reader is slow can be
read, and is tested, in every phase (tests/gateway/transport).
"""
