"""JSON for tills, POS, booking and call systems; described at `/api/openapi.json`.

Verbs: `mount` puts it on an app, `answer` is how an error looks here.
"""

from walletpass.api.answers import answer
from walletpass.api.mount import mount, spec

__all__ = ["answer", "mount", "spec"]
