"""Find the calls of a batch that change nothing, before rows are loaded for them.

A file that is imported again is mostly such calls. Whether a stored row has every value of a call
already is one join in the database: far less work than a slot and a merge for each row. The sieve
only takes out calls of which it is sure; every other one goes the whole way.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

from operations.engine.form import Checked, Form, Key, sample_of
from operations.engine.merge import starts_with
from operations.engine.sql import (
    select_same_objects,
    select_same_people,
    select_same_relationships,
)
from operations.engine.validate import Checker
from operations.results import Outcome, Status
from operations.types import (
    Call,
    Identifiers,
    IdentifyObject,
    IdentifyPerson,
    Relate,
    When,
)

_WORTHWHILE_SHARE: Final = 0.5
_NO_IDENTIFIERS: Final = Identifiers()
_EMPTY: Final = "{}"

_Found: TypeAlias = Iterator[tuple[int, Outcome]]


@dataclass(frozen=True, slots=True)
class Sifted:
    """The outcomes of the calls that change nothing, by position, and the other calls."""

    settled: Mapping[int, Outcome]
    rest: Sequence[Checked]

    def merge(self, outcomes: list[Outcome]) -> list[Outcome]:
        """Put the outcomes of all calls into their order."""
        if not self.settled:
            return outcomes
        others = iter(outcomes)
        count = len(self.settled) + len(outcomes)
        return [self.settled.get(index) or next(others) for index in range(count)]


def sift(checked: Sequence[Checked], form: Form | None) -> Sifted:
    """Take out the calls that change nothing, when a sample says that they are many."""
    if form is None:
        return Sifted({}, checked)
    sample = sample_of(checked)
    if len(_find_settled(sample, form)) < len(sample) * _WORTHWHILE_SHARE:
        return Sifted({}, checked)
    settled = _find_settled(checked, form)
    return Sifted(settled, [pair for index, pair in enumerate(checked) if index not in settled])


def _find_settled(checked: Sequence[Checked], form: Form) -> dict[int, Outcome]:
    """Find the positions of calls that change nothing; none when the forms are mixed."""
    index_of: dict[Key, int] = {}
    repeated: set[Key] = set()
    for index, (call, checker) in enumerate(checked):
        if checker.rejections:
            continue
        key = form.key_of(call)
        if key is None:
            return {}
        if key in index_of:
            # The first of two calls for one row may change what the second is compared with.
            repeated.add(key)
        index_of[key] = index
    wanted = [
        (key, index)
        for key, index in index_of.items()
        if key not in repeated and _is_plain(*checked[index])
    ]
    return dict(_FINDERS[form.kind](wanted, checked, form)) if wanted else {}


def _is_plain(call: Call, checker: Checker) -> bool:
    """Tell whether all that a call can do to a row that is there is to set values, undated.

    A removal is no exception: no row has null or "" for an attribute, so none is found the same.
    """
    operation: Any = call.operations[0]
    return (
        call.dedup_key is None
        and operation.at is None
        and operation.expected_version is None
        and operation.when is not When.NEW
        and not checker.warnings
    )


def _find_objects(
    wanted: Sequence[tuple[Key, int]], checked: Sequence[Checked], form: Form
) -> _Found:
    keys = [key for key, _ in wanted]
    texts = [_text(checked[index]) for _, index in wanted]
    for position, stored, cio_object_id in select_same_objects(keys, texts):
        if _is_same(stored, texts[position]):
            yield wanted[position][1], _unchanged(cio_object_id=cio_object_id)


def _find_people(
    wanted: Sequence[tuple[Key, int]], checked: Sequence[Checked], form: Form
) -> _Found:
    keys = [key for key, _ in wanted]
    texts = [_text(checked[index]) for _, index in wanted]
    rows = select_same_people(keys, texts, workspace=form.workspace, column=form.person_column)
    for position, stored, person_id, email, cio_id in rows:
        index = wanted[position][1]
        has_identifiers = _has_identifiers(checked[index][0], person_id, email)
        if has_identifiers and _is_same(stored, texts[position]):
            yield index, _unchanged(cio_id=cio_id)


def _find_relationships(
    wanted: Sequence[tuple[Key, int]], checked: Sequence[Checked], form: Form
) -> _Found:
    keys = [key for key, _ in wanted]
    texts = [_text(checked[index]) for _, index in wanted]
    rows = select_same_relationships(
        keys, texts, workspace=form.workspace, column=form.person_column
    )
    for position, stored, cio_id, cio_object_id in rows:
        if _is_same(stored, texts[position]):
            yield wanted[position][1], _unchanged(cio_id=cio_id, cio_object_id=cio_object_id)


def _text(pair: Checked) -> str:
    return pair[1].raw.decode() or _EMPTY


def _is_same(stored: str | None, text: str) -> bool:
    """Tell whether a row has all that a call sets; PostgreSQL has compared already."""
    return stored is None or text == _EMPTY or starts_with(stored, text)


def _has_identifiers(call: Call, person_id: str | None, email: str | None) -> bool:
    operation: Any = call.operations[0]
    wanted = operation.identifiers or _NO_IDENTIFIERS
    return wanted.id in (None, person_id) and wanted.email in (None, email)


def _unchanged(*, cio_id: str | None = None, cio_object_id: str | None = None) -> Outcome:
    return Outcome(Status.UNCHANGED, cio_id=cio_id, cio_object_id=cio_object_id)


_Finder: TypeAlias = Callable[[Sequence[tuple[Key, int]], Sequence[Checked], Form], _Found]
_FINDERS: Final[Mapping[type[Any], _Finder]] = {
    IdentifyObject: _find_objects,
    IdentifyPerson: _find_people,
    Relate: _find_relationships,
}
