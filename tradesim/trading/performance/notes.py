"""What may be said of a round trip."""

from tradesim.model.commands import AnnotateTrip
from tradesim.model.orders import Rejection

LONGEST_NOTE, MOST_TAGS, LONGEST_TAG = 4_000, 20, 40


def annotation_refusal(command: AnnotateTrip) -> Rejection | None:
    if len(command.note) > LONGEST_NOTE:
        found = f"had {len(command.note):,}"
        return Rejection("note", f"a note may have at most {LONGEST_NOTE:,} characters, {found}", "note")
    if len(command.tags) > MOST_TAGS:
        return Rejection("tags", f"a round trip may have at most {MOST_TAGS} tags, had {len(command.tags):,}", "tags")
    wrong = next((tag for tag in command.tags if not tag.strip() or len(tag) > LONGEST_TAG), None)
    if wrong is not None:
        return Rejection("tags", f"a tag must have 1 to {LONGEST_TAG} characters, was {wrong[:60]!r}", "tags")
    return None
