"""How a line of the log is written."""

import logging
import re

MESSAGE_MAX_CHARS = 2_000
# Control characters and the marks that turn the direction of text: either can fake a line.
_UNSAFE = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")


class OneLineFormatter(logging.Formatter):
    """Keep every message on one line of bounded length; a traceback follows as it is."""

    def formatMessage(self, record: logging.LogRecord) -> str:
        """Escape what an outsider may have put into the message."""
        message = _UNSAFE.sub(_escape, record.message)
        if len(message) > MESSAGE_MAX_CHARS:
            message = f"{message[:MESSAGE_MAX_CHARS]}… ({len(message)} characters)"
        record.message = message
        return super().formatMessage(record)


def _escape(match: re.Match[str]) -> str:
    return match.group().encode("unicode_escape").decode("ascii")
