"""A mail server that takes every letter: as much of RFC 5321 as smtplib speaks, over loopback."""

import email
import email.policy
import re
import socketserver
from collections.abc import Callable
from email.utils import parseaddr
from threading import Thread

LIMIT = 1024 * 1024
PATH = re.compile(r"(?:FROM|TO):\s*<([^>]*)>", re.IGNORECASE)
Take = Callable[[str, str, str, str], None]


class MailServer:
    """``take(to, text, sender, subject)`` is called for each recipient; while ``refuses()`` says so a letter is put off with 451."""

    def __init__(self, address: tuple[str, int], take: Take, refuses: Callable[[], bool]) -> None:
        self._server = _Server(address, _Talk)
        self._server.take, self._server.refuses = take, refuses
        self.port = int(self._server.server_address[1])
        Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.1}, name="sandbox-mail", daemon=True).start()

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()


class _Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True
    take: Take
    refuses: Callable[[], bool]


class _Talk(socketserver.StreamRequestHandler):
    timeout = 30
    server: _Server

    def handle(self) -> None:
        self.sender, self.recipients = "", list[str]()
        self._say("220 sandbox")
        while line := self.rfile.readline(1_002).decode("utf-8", "replace").rstrip("\r\n"):
            verb = line[:4].upper()
            if verb == "QUIT":
                self._say("221 bye")
                return
            self._say(self._answer(verb, line))

    def _answer(self, verb: str, line: str) -> str:
        if verb in ("HELO", "EHLO", "NOOP"):
            return "250 sandbox"
        if verb == "RSET":
            self.sender, self.recipients = "", []
            return "250 forgotten"
        if verb in ("MAIL", "RCPT"):
            found = PATH.search(line)
            if not found:
                return "501 an address in angle brackets, please"
            if verb == "MAIL":
                self.sender, self.recipients = found.group(1), []
            else:
                self.recipients.append(found.group(1))
            return "250 fine"
        return self._data() if verb == "DATA" else "502 this is a small server"

    def _data(self) -> str:
        if not self.recipients:
            return "503 to whom?"
        self._say("354 go on")
        body = bytearray()
        while (line := self.rfile.readline(LIMIT)) not in (b".\r\n", b".\n", b""):
            body += line[1:] if line.startswith(b".") else line
            if len(body) > LIMIT:
                return "552 too large"
        if self.server.refuses():
            return "451 try again later"
        letter = email.message_from_bytes(bytes(body), policy=email.policy.default)
        part = letter.get_body(("plain", "html"))
        text = part.get_content().replace("\r\n", "\n") if part else ""
        name, address = parseaddr(str(letter.get("From", "")))
        for to in self.recipients:
            self.server.take(to, text.strip(), name or address or self.sender, str(letter.get("Subject", "")))
        return "250 taken"

    def _say(self, line: str) -> None:
        self.wfile.write(f"{line}\r\n".encode())
