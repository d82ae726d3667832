"""Measured claims: each module is a command that prints the figures of one claim."""
