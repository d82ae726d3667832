"""What one run of the program declared: the tests ask the same reader as the tasks and the pages do."""

from stacks.offline.declaration import UNKNOWN, Declaration, Program

__all__ = ["UNKNOWN", "Declaration", "Program"]
