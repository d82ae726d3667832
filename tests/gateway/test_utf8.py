"""What is UTF-8 as JSON must be, and what is not."""

import pytest
from gateway.utf8 import check_utf8


@pytest.mark.parametrize("data", [b"", b'{"a": "b"}', "é\u2028😀".encode(), b'"\\ud800"'])
def test_text_passes(data: bytes) -> None:
    check_utf8(data)


@pytest.mark.parametrize("data", [b"\xff", b"\xed\xa0\x80", b"\xc3", b"\xc0\xaf"])
def test_bytes_that_are_no_text_do_not(data: bytes) -> None:
    with pytest.raises(UnicodeDecodeError):
        check_utf8(data)
