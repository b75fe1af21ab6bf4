"""The porch: one file per screen. Forms in, HTML out, no rules.

Verbs: `mount` puts every screen on an app, `error_page` is how an error looks to a person.
"""

from walletpass.web.failure import error_page
from walletpass.web.mount import mount

__all__ = ["error_page", "mount"]
