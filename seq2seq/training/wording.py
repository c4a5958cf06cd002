"""Counts and times in words."""

__all__ = ["count", "duration"]


def duration(seconds: float) -> str:
    """Hours, minutes and seconds, such as 1:02:03 or 2:03."""
    minutes, seconds = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{seconds:02}" if hours else f"{minutes}:{seconds:02}"


def count(number: float, noun: str) -> str:
    """A number with its noun, such as "1 update" or "2,000 updates"."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"
