"""How far a command has come, shown on a terminal: what is done, how fast, what is left."""

from time import monotonic
from typing import Final

from django.core.management.base import OutputWrapper

_BAR_CHARS: Final = 24
_PAUSE_SECONDS: Final = 0.1
_MINUTE_SECONDS: Final = 60


class Progress:
    """A line that is written over; nothing is shown where nobody looks."""

    def __init__(self, out: OutputWrapper, *, total: int) -> None:
        self._out = out
        self._total = max(total, 1)
        self._is_shown = out.isatty()
        self._started_at = monotonic()
        self._shown_at = 0.0

    def show(self, done: int) -> None:
        """Say how much is done."""
        now = monotonic()
        if self._is_shown and now - self._shown_at >= _PAUSE_SECONDS:
            self._shown_at = now
            line = f"\r{self._line(done, now - self._started_at)}\x1b[K"
            self._out.write(line, str, ending="")  # not in the red of errors
            self._out.flush()

    def finish(self) -> None:
        """Leave the line."""
        if self._is_shown and self._shown_at:
            self._out.write("")

    def _line(self, done: int, seconds: float) -> str:
        share = min(done / self._total, 1.0)
        bar = "#" * round(share * _BAR_CHARS)
        rate = done / seconds if seconds else 0.0
        left = _written((self._total - done) / rate) if rate and done < self._total else "0 s"
        return (
            f"[{bar:<{_BAR_CHARS}}] {share:4.0%}  {done:,} of {self._total:,}  "
            f"{rate:,.0f}/s  {left} left"
        )


def _written(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), _MINUTE_SECONDS)
    return f"{minutes} min {rest} s" if minutes else f"{rest} s"
