"""Files as the world sends them: each is read, or refused with a reason, and none breaks."""

import io

import pytest

from data_in.formats.csv import examine, rows
from data_in.formats.encodings import UnusableFile
from objects.models import Object
from operations.errors import Rejection
from tests.data_in.importing import import_text
from tests.data_in.nasty_files import FILES, UNUSABLE

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("name", FILES)
def test_reads_or_refuses(name, tmp_path):
    file = FILES[name]
    run = import_text(tmp_path, file.content, "--kind", "objects", "--type", "1", *file.options)
    stored = Object.objects.values_list("object_id", "attributes")
    assert {key: attributes.get("name") for key, attributes in stored} == file.objects
    assert file.says in run.problems + run.error
    if file.code == UNUSABLE:
        assert run.code == UNUSABLE
        assert not list(tmp_path.glob("*.errors.csv"))
    else:
        assert (run.code, run.count("refused")) == (int(file.refused > 0), file.refused)


def test_gives_the_line_on_which_each_row_starts():
    content = b'h\n\na\n"b\nb"\nc\n'
    read = list(rows(io.BytesIO(content), examine(io.BytesIO(content))))
    assert read == [(1, ["h"]), (3, ["a"]), (4, ["b\nb"]), (6, ["c"])]


def test_goes_on_after_a_broken_row_and_keeps_counting_lines():
    content = b'h,i\n1,"a"b\n2,"c "d" x\n3,e"\n4,f\n'
    read = list(rows(io.BytesIO(content), examine(io.BytesIO(content))))
    assert [line for line, _ in read] == [1, 2, 3, 5]
    assert [type(cells) for _, cells in read] == [list, Rejection, Rejection, list]


def test_a_quote_left_open_among_balanced_ones_ends_the_file_as_one_refused_row():
    content = b'h,i\n1,5" pipe\n2,"open\n3,x\n'
    read = list(rows(io.BytesIO(content), examine(io.BytesIO(content))))
    assert [line for line, _ in read] == [1, 2, 3]
    assert "never closed" in read[-1][1].message


def test_closes_nothing_that_it_did_not_open():
    file = io.BytesIO(b"h\n1\n")
    list(rows(file, examine(file)))
    assert not file.closed


def test_names_the_byte_in_the_second_chunk():
    with pytest.raises(UnusableFile, match="byte 1,500,001"):
        examine(io.BytesIO(b"h" + b"x" * 1_500_000 + b"\xe9"))
