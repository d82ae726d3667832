"""What an operator does: Fabric tasks (tasks/), and the release engine under them (release/, aws/).

Owns every change of a running release. What should exist is stacks/'s business. Importing this loads no cloud SDK:
a task imports what it needs when it runs.
"""

from scripts.tasks import collection

ns = collection()
