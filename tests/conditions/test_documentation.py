"""The page about filters names all that the grammar takes."""

from pathlib import Path

import pytest

from operations.wire.filter_tree import Operator
from operations.wire.filters import CONDITIONS

pytestmark = pytest.mark.once

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "FILTERS.md").read_text()


def test_the_page_names_every_operator_and_condition() -> None:
    conditions = {name for names in CONDITIONS.values() for name in names}
    missing = [name for name in (*Operator, *sorted(conditions)) if f"`{name}`" not in PAGE]
    assert not missing
