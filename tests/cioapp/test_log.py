"""A message of the log stays one line, whatever an outsider put into it."""

import logging

import pytest

from cioapp.log import MESSAGE_MAX_CHARS, OneLineFormatter

pytestmark = pytest.mark.once


def write(message):
    record = logging.LogRecord("cioapp", logging.INFO, "", 0, "id %s", (message,), None)
    return OneLineFormatter("{levelname} {message}", style="{").format(record)


@pytest.mark.parametrize(
    ("given", "written"),
    [
        ("a\nERROR b", "INFO id a\\nERROR b"),
        ("a\x1b[31m", "INFO id a\\x1b[31m"),
        ("a\u202eb", "INFO id a\\u202eb"),
        ("é 漢 \\", "INFO id é 漢 \\"),
    ],
)
def test_control_characters_are_written_as_escapes(given, written):
    assert write(given) == written


def test_a_long_message_is_cut_and_says_so():
    line = write("x" * MESSAGE_MAX_CHARS)
    assert line.endswith(f"… ({MESSAGE_MAX_CHARS + 3} characters)")
