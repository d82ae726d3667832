"""One gateway for all tests of a file here: it keeps nothing from one request to the next."""

from collections.abc import Iterator

import pytest

from tests.gateway.conformance.background import Background, background_gateway


@pytest.fixture(scope="module")
def serving() -> Iterator[Background]:
    with background_gateway() as opened:
        yield opened
    assert opened.complaints == []
