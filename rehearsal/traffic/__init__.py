"""Clients of the public door, and the account of what happened to each of their requests."""
