"""Who works here, at which till, and what they may do.

A till is a browser that a manager has enrolled by a one-time link; only there can staff sign in with name and PIN. An
`Actor` is whoever stands behind a request: a person at a till, or an integration with an API key.

Verbs: `hire`, `dismiss`, `team`, `make_enrol_link`, `enrol`, `revoke_till`, `tills`, `till_by_token`, `sign_in`, `sign_out`,
`signed_in`, `unlock`, `locked`, `make_api_key`, `actor_by_api_key`.
"""

from walletpass.staff.actors import Actor, actor_by_api_key, make_api_key, signed_in
from walletpass.staff.models import ApiKey, EnrolLink, Staff, StaffSession, Till
from walletpass.staff.pins import locked, sign_in, sign_out, unlock
from walletpass.staff.team import dismiss, hire, person, team
from walletpass.staff.tills import check_enrol_link, enrol, make_enrol_link, revoke_till, till_by_token, tills

__all__ = [
    "Actor",
    "ApiKey",
    "EnrolLink",
    "Staff",
    "StaffSession",
    "Till",
    "actor_by_api_key",
    "check_enrol_link",
    "dismiss",
    "enrol",
    "hire",
    "locked",
    "make_api_key",
    "make_enrol_link",
    "person",
    "revoke_till",
    "sign_in",
    "sign_out",
    "signed_in",
    "team",
    "till_by_token",
    "tills",
    "unlock",
]
