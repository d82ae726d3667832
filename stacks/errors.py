"""Every error that `stacks` raises: one base, one sentence each."""


class StacksError(Exception):
    """Something in the declared infrastructure is wrong; the message says what, with which value."""


class SettingsError(StacksError):
    """One or more settings are unknown, missing or contradictory; the message lists all of them."""

    def __init__(self, problems: list[str]) -> None:
        self.problems = tuple(problems)
        super().__init__("settings are wrong:\n" + "\n".join(f"  - {problem}" for problem in problems))


class UnreadableSettings(StacksError):
    """A settings file, or settings given beside it, are not what they should be."""


class AsksProvider(StacksError):
    """The program asked AWS for something at run time, which only settings may tell it."""


class OfflineFailed(StacksError):
    """What the program declares could not be found out without the engine."""


class NameTooLong(StacksError):
    """A name that AWS would refuse."""


class ManifestError(StacksError):
    """A manifest that this version of the kit cannot read."""
