"""Pages of `docs/` that are made from what the program says, so that they cannot say anything else (`make docs`)."""
