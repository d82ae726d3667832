"""JSON is UTF-8 (RFC 8259, 8.1), also in those parts of it that pass unread."""


def check_utf8(data: bytes) -> None:
    """Raises UnicodeDecodeError."""
    if not data.isascii():
        data.decode()
