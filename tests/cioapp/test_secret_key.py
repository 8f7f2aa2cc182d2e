"""The key of an installation that was given none."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from cioapp.secret_key import load_or_make_secret_key

pytestmark = pytest.mark.once


def test_a_key_is_made_once_and_only_its_owner_reads_it(tmp_path):
    key = load_or_make_secret_key(tmp_path / "new")
    assert len(key) >= 50
    assert load_or_make_secret_key(tmp_path / "new") == key
    assert [path.stat().st_mode & 0o777 for path in (tmp_path / "new").iterdir()] == [0o600]


def test_processes_that_start_together_read_the_same_key(tmp_path):
    with ThreadPoolExecutor(8) as pool:
        keys = set(pool.map(lambda _: load_or_make_secret_key(tmp_path), range(8)))
    assert len(keys) == 1
