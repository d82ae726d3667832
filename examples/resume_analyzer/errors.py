"""What can stop an analysis. Each message says what failed, with which value, and what to look at next."""


class AnalysisFailed(Exception):
    """Base of all errors that end the program with one message."""


class FileUnusable(AnalysisFailed):
    """The resume cannot be read as text."""


class SettingsInvalid(AnalysisFailed):
    """The environment is missing something, or a value in it cannot work."""


class NoAnswer(AnalysisFailed):
    """Nobody at the URL could be reached, or not within the time limit."""


class RequestRefused(AnalysisFailed):
    """The gateway or OpenAI answered with an error."""


class AnswerUnusable(AnalysisFailed):
    """The model answered, but not with a resume."""
