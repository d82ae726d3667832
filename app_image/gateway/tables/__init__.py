"""The environment's tables, as the gateway uses them. What items mean is decided where they are written and read."""
