"""Reads the table of what each role gets, and compares it with what it got."""

CALLERS = ("anonymous", "viewer", "author", "admin", "stranger", "superuser")


def read_table(text: str) -> dict[str, tuple[str, ...]]:
    """Give the row of each name; blank lines and comments are skipped."""
    lines = (line.split("#")[0].split() for line in text.splitlines())
    table = {}
    for name, *cells in filter(None, lines):
        assert len(cells) == len(CALLERS), f"{name}: {len(CALLERS)} cells, please"
        assert name not in table, f"{name} stands twice"
        table[name] = tuple(cells)
    return table


def write_row(name: str, cells: tuple[str, ...]) -> str:
    """Write a row as the table holds it."""
    return f"{name:<52} {' '.join(cells)}"


def compare(found: dict[str, tuple[str, ...]], expected: dict[str, tuple[str, ...]]) -> list[str]:
    """Say what differs, as lines that can be read and, where right, copied into the table."""
    problems = []
    for name, cells in found.items():
        if name not in expected:
            problems.append(f"not in the table: {write_row(name, cells)}")
        elif expected[name] != cells:
            problems.append(f"expected:  {write_row(name, expected[name])}")
            problems.append(f"     got:  {write_row(name, cells)}")
    problems += [f"no such address: {name}" for name in expected if name not in found]
    return problems
