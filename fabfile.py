# `fab --list` works here; the tasks are in scripts/tasks/.
from scripts import ns as ns
