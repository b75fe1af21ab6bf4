"""Everything that can go wrong, as one tree.

    WalletpassError
    |-- ConfigurationError          refused at start, with the sentence that mends it
    |   |-- CertificateError        a certificate, key or intermediate that cannot sign
    |   `-- NoTicketDesign          a coat ticket is to be drawn, and the program's design has none
    |-- Refusal                     a request we understood and will not carry out (4xx)
    |   |-- Malformed               422  a value of the wrong shape
    |   |-- MissingKey              400  a write without Idempotency-Key
    |   |-- ReasonNeeded            422  an exception that only a manager may make, and must give a reason for
    |   |-- AboveCap                422  more points than this check may take; carries the maximum
    |   |-- KeyReused               422  the same key with another request
    |   |-- SignInRequired          401  nobody is signed in, or the API key is unknown
    |   |-- WrongPin                401
    |   |-- WrongSignature          401  a signed request that the secret does not fit, or too old
    |   |-- PinLocked               429  too many tries for this person on this device
    |   |-- NotAllowed              403  signed in, but not for this
    |   |   `-- SecondFactorNeeded  403  so many points are spent only when the guest proves that it is them; carries the factors
    |   |       `-- ChangingCodeNeeded  403  the same, for a card whose wallet shows a code that changes
    |   |-- WrongFactor             422  a wrong PIN or code of a guest, or a confirmation that has not come
    |   |-- NotFound                404
    |   |   `-- NotOurCode          404  forged, foreign or unreadable: one plain answer for all
    |   |       `-- CoatTicket      404  ours, but the ticket of a coat, which has no guest and no points
    |   |-- Gone                    410  a link that was used or has expired
    |   `-- Conflict                409  true a moment ago, not any more
    |       |-- InsufficientBalance
    |       |-- AlreadyEarned       this check has earned
    |       |-- AlreadyReversed
    |       |-- TooOften            more for this guest today than the restaurant allows
    |       |-- FactorLocked        too many wrong PINs or codes for this card at this till; carries until
    |       |-- ManyGuests          one number and several guests; carries the choices
    |       |-- UnprovedNumber      a phone number that somebody typed into a form, and nobody has proved
    |       |-- TokenTaken          what is to be bound is another guest's
    |       |-- NoTableKept         no table is kept at this hour, or all of them were given
    |       |-- NotTakenBack        something went on from what the hostess wants to take back; carries why
    |       |-- CodeExpired         a code that changes, and has changed
    |       |-- CodeUsed            a code that changes, and was read before
    |       |-- HookTaken           something else hangs there; carries the next free hook
    |       |-- NoHookFree          of those that take this kind
    |       |-- AlreadyReturned     a coat that went home; carries when, at which till, by whom
    |       |-- CodeTaken           an open ticket of this cloakroom has the four digits
    |       |-- DeadCode            the code of a phone that was lost; carries when it died
    |       |-- Unaccounted         a shift cannot end while things hang; carries them
    |       `-- QueueFull           enough guests wait for their coats; carries how many
    |-- Unavailable                 503  try again in a moment
    `-- DeliveryError               a message that did not reach the vendor; says whether it is permanent
        |-- ChannelPaused           the vendor refuses us, not the message: the program's others need not try
        `-- Postponed               not tried at all, so nothing is lost by waiting

Each class has a machine ``code``; each instance carries one sentence for the person in front of the screen.
"""

from typing import Any, ClassVar


class WalletpassError(Exception):
    code: ClassVar[str] = "error"
    status: ClassVar[int] = 500

    def __init__(self, message: str = "", **details: Any) -> None:
        super().__init__(message)
        self.message = message
        self.details = details


class ConfigurationError(WalletpassError):
    code = "configuration"


class CertificateError(ConfigurationError):
    code = "certificate"


class NoTicketDesign(ConfigurationError):
    code = "no_ticket_design"


class Refusal(WalletpassError):
    code = "refused"
    status = 400


class Malformed(Refusal):
    code = "malformed"
    status = 422


class ReasonNeeded(Refusal):
    code = "reason_needed"
    status = 422


class MissingKey(Refusal):
    code = "missing_key"
    status = 400


class KeyReused(Refusal):
    code = "key_reused"
    status = 422


class SignInRequired(Refusal):
    code = "sign_in_required"
    status = 401


class WrongPin(Refusal):
    code = "wrong_pin"
    status = 401


class WrongSignature(Refusal):
    code = "wrong_signature"
    status = 401


class PinLocked(Refusal):
    code = "pin_locked"
    status = 429


class NotAllowed(Refusal):
    code = "not_allowed"
    status = 403


class SecondFactorNeeded(NotAllowed):
    code = "second_factor_needed"


class ChangingCodeNeeded(SecondFactorNeeded):
    code = "changing_code_needed"


class WrongFactor(Refusal):
    code = "wrong_factor"
    status = 422


class NotFound(Refusal):
    code = "not_found"
    status = 404


class NotOurCode(NotFound):
    code = "not_our_code"


class CoatTicket(NotOurCode):
    code = "coat_ticket"


class TooMany(Refusal):
    """``after`` is how many seconds to wait."""

    code = "too_many"
    status = 429

    def __init__(self, message: str, after: int) -> None:
        super().__init__(message)
        self.after = after


class Gone(Refusal):
    code = "gone"
    status = 410


class Conflict(Refusal):
    code = "conflict"
    status = 409


class InsufficientBalance(Conflict):
    code = "insufficient_balance"


class AlreadyEarned(Conflict):
    code = "already_earned"


class AlreadyReversed(Conflict):
    code = "already_reversed"


class TooOften(Conflict):
    code = "too_often"


class FactorLocked(Conflict):
    code = "factor_locked"


class ManyGuests(Conflict):
    code = "many_guests"


class UnprovedNumber(Conflict):
    code = "unproved_number"


class TokenTaken(Conflict):
    code = "token_taken"


class NoTableKept(Conflict):
    code = "no_table_kept"


class NotTakenBack(Conflict):
    code = "not_taken_back"


class CodeExpired(Conflict):
    code = "code_expired"


class CodeUsed(Conflict):
    code = "code_used"


class HookTaken(Conflict):
    code = "hook_taken"


class NoHookFree(Conflict):
    code = "no_hook_free"


class AlreadyReturned(Conflict):
    code = "already_returned"


class CodeTaken(Conflict):
    code = "code_taken"


class DeadCode(Conflict):
    code = "dead_code"


class Unaccounted(Conflict):
    code = "unaccounted"


class QueueFull(Conflict):
    code = "queue_full"


class WeakCode(Refusal):
    code = "weak_code"
    status = 422


class AboveCap(Refusal):
    code = "above_cap"
    status = 422


class Unavailable(WalletpassError):
    code = "unavailable"
    status = 503


class DeliveryError(WalletpassError):
    """A vendor did not take a message.

    ``permanent`` messages are not tried again. ``after`` is the vendor's own wish, in seconds, before the next try.
    """

    code = "delivery"

    def __init__(self, message: str, *, permanent: bool, after: float | None = None) -> None:
        super().__init__(message)
        self.permanent = permanent
        self.after = after


class ChannelPaused(DeliveryError):
    """What only the operator can mend: everything of this program waits ``after`` seconds, and loses nothing by it."""

    def __init__(self, message: str, *, after: float) -> None:
        super().__init__(message, permanent=False, after=after)


class Postponed(DeliveryError):
    """The message was not tried: it waits ``after`` seconds, and loses no try by it."""

    def __init__(self, message: str, *, after: float = 0.0) -> None:
        super().__init__(message, permanent=False, after=after)
