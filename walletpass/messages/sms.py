"""SMS through any of the gateways that apprise speaks to.

An operator writes an address of apprise's (https://github.com/caronc/apprise/wiki) with ``{to}`` where the number stands, so a new
gateway needs no line of ours. What was seen of apprise 2.3: it says yes or no and tells the reason only to its log, which names no
recipient when one is in the address alone; it neither retries nor raises; it takes 25 MB and 0.3 s, hence the late import.
"""

import logging
import re
import threading
from urllib.parse import quote

import apprise

from walletpass.errors import ConfigurationError, DeliveryError
from walletpass.messages.models import Way
from walletpass.messages.transport import Letter

SAMPLE = "+4915123456789"
LONG_NUMBER = re.compile(r"\+?\d[\d ()/.-]{5,}\d")


class _Ear(logging.Handler):
    """The last thing that apprise complained of in this thread."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.heard = threading.local()

    def emit(self, record: logging.LogRecord) -> None:
        self.heard.text = record.getMessage()


ear = _Ear()
_log = logging.getLogger("apprise")
# Left alone it would write numbers of guests to standard error.
_log.propagate = False
_log.addHandler(ear)


class Gateway:
    """``url`` is an address of apprise's with ``{to}`` in it. Raises ConfigurationError when apprise does not know it."""

    way = Way.SMS

    def __init__(self, url: str) -> None:
        self.url = url
        self._made(SAMPLE)

    def send(self, letter: Letter) -> None:
        line = self._made(letter.to)
        ear.heard.text = ""
        if not line.notify(body=letter.text):
            said = LONG_NUMBER.sub("(number)", ear.heard.text) or "no reason given"
            raise DeliveryError(f"The SMS gateway did not take it: {said[:200]}", permanent=False)

    def _made(self, to: str) -> apprise.NotifyBase:
        made = apprise.Apprise.instantiate(self.url.replace("{to}", quote(to, safe="")), asset=ASSET)
        if not isinstance(made, apprise.NotifyBase):
            raise ConfigurationError(
                "WALLETPASS_SMS_URL is no address that apprise knows. It looks like twilio://SID:TOKEN@FROM/{to} or "
                "jsons://gateway.example.com/sms/{to}; the others are at https://github.com/caronc/apprise/wiki."
            )
        return made


ASSET = apprise.AppriseAsset(app_id="walletpass", app_desc="walletpass", app_url="")
