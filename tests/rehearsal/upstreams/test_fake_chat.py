"""What both fakes share of a chat completion, where no test of one fake alone would notice."""

from unittest.mock import Mock

import pytest
from aiohttp.test_utils import make_mocked_request

from rehearsal import fake_chat


@pytest.mark.parametrize("is_closing", [True, False])
def test_a_connection_that_closes_is_no_client(is_closing: bool) -> None:
    """Nothing may be logged as completed for a client that left between the last token and the log."""
    transport = Mock(**{"is_closing.return_value": is_closing})
    assert fake_chat.is_connected(make_mocked_request("POST", "/", transport=transport)) is not is_closing
