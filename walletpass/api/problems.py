"""What can be refused: the codes of problem documents, for the description of the API and for people."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Problem:
    """``meaning`` is what happened and what to do; ``members`` what else stands in the document."""

    code: str
    status: str
    meaning: str
    members: str = ""

    @property
    def brief(self) -> str:
        return f"{self.code} ({self.status}{f', with {self.members}' if self.members else ''})"


PROBLEMS = (
    Problem("malformed", "422", "A value has the wrong shape, or is out of range. Nothing was done; mend what the sentence names.",
            "fields, each a field and its fault, or maximum or minimum"),
    Problem("missing_key", "400", "A write without an Idempotency-Key, or with one that is no key. Make one for each deed, and keep it for every repetition."),
    Problem("key_reused", "422", "The key, or the id of an event, was used for another request. A new deed has a new key."),
    Problem("sign_in_required", "401", "The API key is unknown, revoked or over; at a till nobody is signed in."),
    Problem("wrong_signature", "401", "The signature does not fit the body, its time is more than five minutes away, or the source is not known."),
    Problem("not_allowed", "403", "You are known, and may not do this. A manager makes a key that has the scope, or does it at a till.",
            "scope where a key lacks one"),
    Problem("changing_code_needed", "403", "The guest's wallet shows a code that changes: points are spent when that is scanned.", "factors and above"),
    Problem("second_factor_needed", "403", "So many points are spent when the guest proves that it is them: second-factor/start and verify.", "factors and above"),
    Problem("wrong_factor", "422", "A wrong PIN or code of the guest, or a confirmation that has not come. It may be tried again."),
    Problem("factor_locked", "409", "Five wrong tries for this card here. Wait, or prove it another way.", "until"),
    Problem("many_guests", "409", "Several guests have this number. Ask again with the card of the one who stands there.", "choices"),
    Problem("token_taken", "409", "What is to be bound is another guest's. It has to be unbound there first."),
    Problem("reason_needed", "422", "An exception that only a manager makes, who says why."),
    Problem("unproved_number", "409", "A phone number that somebody typed into a form, and nobody has proved. Scan the guest's card, or type its number."),
    Problem("not_our_code", "404", "Forged, foreign, mistyped or ended: nobody is told which."),
    Problem("coat_ticket", "404", "The code is that of a coat, which has no guest and no points."),
    Problem("not_found", "404", "There is no such thing here, or it is another restaurant's."),
    Problem("insufficient_balance", "409", "The card does not hold so many points. Quote again.", "available"),
    Problem("already_earned", "409", "This check has earned its points. Nothing was added again.", "entry"),
    Problem("already_reversed", "409", "This was taken back before. Nothing was changed."),
    Problem("too_often", "409", "More for this guest today than the restaurant allows.", "maximum"),
    Problem("conflict", "409", "True a moment ago, and not any more. Read how it stands, and decide anew.", "state, also of a booking: arrived means that its guests are here; or check where a check stands otherwise"),
    Problem("code_used", "409", "A code that changes, and was read before. Scan the one that the phone shows now."),
    Problem("code_expired", "409", "A code that changes, and has changed. Scan the one that the phone shows now."),
    Problem("hook_taken", "409", "Something else hangs there. Take the next free hook, or choose another one.", "free, the label of the next one"),
    Problem("no_table_kept", "409", "All tables that are kept in this part of the evening are given."),
    Problem("not_taken_back", "409", "It has gone on from there: the guest was seen by a reader, sits, has gone, came again, moved or paid; or it is too long ago.", "why"),
    Problem("no_hook_free", "409", "No hook of this cloakroom is free that takes this kind of thing."),
    Problem("already_returned", "409", "This went home before. Nothing was done again.", "at, till and by"),
    Problem("code_taken", "409", "An open ticket of this cloakroom has these four digits. Choose others."),
    Problem("weak_code", "422", "Anybody would try these four digits first. Choose others."),
    Problem("dead_code", "409", "The code of a phone that was lost. What hung there was released to its owner.", "at"),
    Problem("unaccounted", "409", "A shift ends when everything that hangs was returned, kept or lost.", "items"),
    Problem("queue_full", "409", "Enough guests wait for their coats. Ask again in a few minutes.", "waiting"),
    Problem("gone", "410", "A hold or a merge that is over; a cursor behind what is kept, or ahead of a restored backup."),
    Problem("above_cap", "422", "More points than this check takes.", "maximum"),
    Problem("not_there", "422", "The address of a webhook leads nowhere, or into a network that is not public."),
    Problem("too_many", "429", "Too often in a short time. The header Retry-After says how many seconds to wait."),
    Problem("refused", "400, 405, 413, 415", "HTTP itself says no: a method that the address does not know, a body too large, a body of another type."),
    Problem("unavailable", "503", "This cannot be done right now, and nothing was lost. Try again with the same key after Retry-After."),
    Problem("error", "500", "Something broke on our side; it was written down. Try again with the same key."),
)  # fmt: skip
