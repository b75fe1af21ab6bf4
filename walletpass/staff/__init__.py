"""Who works here, at which till, and what they may do.

A till is a browser that a manager has enrolled by a one-time link; only there can staff sign in with name and PIN. An
`Actor` is whoever stands behind a request: a person at a till, or an integration with an API key.

Verbs: `hire`, `dismiss`, `team`, `make_enrol_link`, `enrol`, `revoke_till`, `tills`, `till_by_token`, `sign_in`, `sign_out`,
`signed_in`, `on_shift`, `vouch`, `unlock`, `locked`, `give_card`, `make_api_key`, `api_keys`, `revoke_api_key`, `actor_by_api_key`, `note_use`; of systems that
sign what they send `add_source`, `revoke_source`, `sources`, `actor_by_signature`; `noticed` and `count` tally what leaves no other trace,
`write_down` and a `Bookkeeper` keep it, `tallied` reads it.
"""

from walletpass.staff.actors import Actor, on_shift, signed_in
from walletpass.staff.api_keys import EVERYDAY, SCOPES, actor_by_api_key, api_keys, make_api_key, note_use, revoke_api_key
from walletpass.staff.models import ApiKey, EnrolLink, Staff, StaffSession, Tally, Till, WebhookSource
from walletpass.staff.pins import locked, sign_in, sign_out, unlock, vouch
from walletpass.staff.sources import actor_by_signature, add_source, revoke_source, sources
from walletpass.staff.tally import ENROLLED, PROMPT, SCAN, SKIP, Bookkeeper, count, noticed, tallied, write_down
from walletpass.staff.team import dismiss, give_card, hire, person, team
from walletpass.staff.tills import check_enrol_link, enrol, make_enrol_link, revoke_till, till_by_token, tills

__all__ = [
    "ENROLLED",
    "EVERYDAY",
    "PROMPT",
    "SCAN",
    "SCOPES",
    "SKIP",
    "Actor",
    "ApiKey",
    "Bookkeeper",
    "EnrolLink",
    "Staff",
    "StaffSession",
    "Tally",
    "Till",
    "WebhookSource",
    "actor_by_api_key",
    "actor_by_signature",
    "add_source",
    "api_keys",
    "check_enrol_link",
    "count",
    "dismiss",
    "enrol",
    "give_card",
    "hire",
    "locked",
    "make_api_key",
    "make_enrol_link",
    "note_use",
    "noticed",
    "on_shift",
    "person",
    "revoke_api_key",
    "revoke_source",
    "revoke_till",
    "sign_in",
    "sign_out",
    "signed_in",
    "sources",
    "tallied",
    "team",
    "till_by_token",
    "tills",
    "unlock",
    "vouch",
    "write_down",
]
