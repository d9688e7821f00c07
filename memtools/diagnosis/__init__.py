"""Does this network have long memory?  What it holds, its weights, what it does: one answer."""

from memtools.diagnosis.door import diagnose, in_command_words

__all__ = ["diagnose", "in_command_words"]
