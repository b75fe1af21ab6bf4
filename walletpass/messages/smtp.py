"""E-mail, by the standard library."""

import smtplib
import ssl
from email.message import EmailMessage
from email.utils import format_datetime, formataddr, make_msgid
from urllib.parse import unquote, urlsplit

from walletpass import config
from walletpass.config import Settings
from walletpass.database import now
from walletpass.errors import DeliveryError
from walletpass.messages.models import Way
from walletpass.messages.transport import Letter

PATIENCE = 20.0


class Smtp:
    """The server of WALLETPASS_SMTP_URL. A mailbox that it refuses for good is not tried again; everything else is."""

    way = Way.EMAIL

    def send(self, letter: Letter) -> None:
        try:
            hand_over(config.current(), written(config.current(), letter))
        except smtplib.SMTPRecipientsRefused as error:
            code = next(iter(error.recipients.values()))[0]
            raise DeliveryError(f"The mail server refused the address ({code}).", permanent=code >= 500) from error
        except smtplib.SMTPDataError as error:
            raise DeliveryError(f"The mail server refused the message ({error.smtp_code}).", permanent=error.smtp_code >= 500) from error
        except smtplib.SMTPResponseException as error:
            # The login, or the sender's address: the operator can mend these.
            raise DeliveryError(f"The mail server refused us ({error.smtp_code}).", permanent=False) from error
        except (OSError, smtplib.SMTPException, ValueError) as error:
            raise DeliveryError(f"The mail server did not take it: {type(error).__name__}.", permanent=False) from error


def written(settings: Settings, letter: Letter) -> EmailMessage:
    mail = EmailMessage()
    mail["Subject"] = " ".join(letter.subject.split())
    address = settings.mail_from or settings.alert_from or f"walletpass@{settings.hostname}"
    mail["From"] = formataddr((" ".join(letter.sender.split()), address))
    mail["To"] = letter.to
    mail["Date"] = format_datetime(now())
    mail["Message-ID"] = make_msgid(domain=settings.hostname)
    mail.set_content(letter.text + "\n")
    return mail


def hand_over(settings: Settings, mail: EmailMessage) -> None:
    """Raises OSError, SMTPException or ValueError. A password goes over an encrypted line, or to this machine."""
    url = urlsplit(settings.smtp_url)
    user, password, host = unquote(url.username or ""), unquote(url.password or ""), url.hostname or ""
    context = ssl.create_default_context()
    if url.scheme == "smtps":
        server: smtplib.SMTP = smtplib.SMTP_SSL(host, url.port or 465, settings.hostname, timeout=PATIENCE, context=context)
    else:
        server = smtplib.SMTP(host, url.port or (587 if user else 25), settings.hostname, timeout=PATIENCE)
    with server:
        server.ehlo()
        if url.scheme == "smtp" and server.has_extn("starttls"):
            server.starttls(context=context)
            server.ehlo()
        elif url.scheme == "smtp" and user and not config.is_loopback(host):
            raise smtplib.SMTPNotSupportedError(f"{host} offers no encryption; the password is not sent in the clear")
        if user:
            server.login(user, password)
        server.send_message(mail)
