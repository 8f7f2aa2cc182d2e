"""Render one Liquid template in a process of its own, which may not take long or grow large.

The limits of the library count loops and output, but not what a single filter makes of a range
or a text. This file is run by its path and knows nothing of the project.
"""

import sys
from typing import Any, Final

import orjson
from liquid import Environment
from liquid.exceptions import LiquidError

MEMORY_MAX_BYTES: Final = 512 * 1024 * 1024
CPU_MAX_SECONDS: Final = 2
OUTPUT_MAX_BYTES: Final = 100_000


class StrictEnvironment(Environment):
    """Templates without files and with an end to everything that repeats."""

    block_nesting_limit = 20
    context_depth_limit = 20
    local_namespace_limit = 1_000_000
    loop_iteration_limit = 10_000
    output_stream_limit = OUTPUT_MAX_BYTES


def main() -> None:
    """Read a template and its variables, write the text or what is wrong."""
    _limit_resources()
    asked = orjson.loads(sys.stdin.buffer.read())
    sys.stdout.buffer.write(orjson.dumps(_render(asked["template"], asked["variables"])))


def _render(template: str, variables: dict[str, Any]) -> dict[str, str]:
    try:
        return {"text": StrictEnvironment().from_string(template).render(**variables)}
    except LiquidError as error:
        return {"problem": str(error)}
    except MemoryError:
        return {"problem": "the text takes too much memory"}
    # A template is what somebody typed: whatever the library trips over is told, never raised.
    except Exception as error:  # noqa: BLE001
        return {"problem": f"{type(error).__name__}: {error}"[:500]}


def _limit_resources() -> None:
    try:
        import resource  # absent on Windows, where only the time is limited
    except ImportError:
        return
    for kind, most in (
        (resource.RLIMIT_AS, MEMORY_MAX_BYTES),
        (resource.RLIMIT_CPU, CPU_MAX_SECONDS),
        (resource.RLIMIT_FSIZE, 0),
    ):
        try:
            resource.setrlimit(kind, (most, most))
        except (OSError, ValueError):  # a system that does not know this limit
            continue


if __name__ == "__main__":
    main()
