"""The memory of an endless stream, as far back as a window reaches."""

from memtools.online.stream_memory import OnlineMemory

__all__ = ["OnlineMemory"]
