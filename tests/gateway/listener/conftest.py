"""Everything here runs on both event loops: the gateway's and the one that other tests use. They differ in detail."""

from tests.gateway.transport.conftest import pytest_asyncio_loop_factories

__all__ = ["pytest_asyncio_loop_factories"]
