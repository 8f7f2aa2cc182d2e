"""What undoing needs for rows of every kind: what the log kept of them, and whether it did."""

from datetime import UTC, datetime

from operations.engine.context import Context
from operations.engine.merge import dump_text
from operations.engine.slots import Logged, Slot
from operations.errors import Reason, Rejection


def refuse_missing_row(logged: Logged, context: Context) -> Rejection | None:
    """Refuse what the log does not hold enough of, or not any more."""
    if logged.before is None:
        message = f"the log holds nothing of this {logged.kind} any more: a person was suppressed"
        return context.reject(Reason.SUPPRESSED, "activity", message)
    if logged.before_row is None:
        message = "the log does not hold what is needed to put the row back as it was"
        return context.reject(Reason.INVALID, "activity", message)
    return None


def refuse_hidden_names(logged: Logged, context: Context) -> Rejection | None:
    """Refuse to put back values that the actor may not see: they could not be judged."""
    hidden = context.call.origin.hidden
    of_kind = {
        "person": hidden.people,
        "object": hidden.objects,
        "relationship": hidden.relationships,
    }[logged.kind]
    names = sorted(of_kind & (logged.after or {}).get("attributes", {}).keys())
    if not names:
        return None
    message = (
        f"{', '.join(names)} is sensitive and hidden from you, so you cannot put its value back; "
        "ask a workspace admin to undo this"
    )
    return context.reject(Reason.SENSITIVE, f"attributes.{names[0]}", message)


def fill_restored(slot: Slot, logged: Logged) -> None:
    """Put into a row that is made again all that it had."""
    before, kept = logged.before or {}, logged.before_row or {}
    slot.attributes, slot.times = before["attributes"], before["attribute_times"]
    slot.raw, slot.raw_times = dump_text(slot.attributes), dump_text(slot.times)
    slot.size = len(slot.raw.encode())
    slot.kept_pk = kept.get("id")
    slot.version = kept["version"]
    slot.created_at = instant_of(kept["created_at"])
    slot.updated_at = instant_of(kept["updated_at"])


def instant_of(text: str) -> datetime:
    """Read an instant as the log keeps it."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)
