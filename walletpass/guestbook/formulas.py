"""Cells that no spreadsheet takes for a formula, and that are read back as they were (owasp.org/www-community/attacks/CSV_Injection)."""

import re

# Apostrophes in front are counted too: what had one already gets one more, so that none is lost on the way back.
_FORMULA = re.compile(r"'*[=+\-@\t\r\n＝＋－＠]")
_ESCAPED = re.compile(r"''*[=+\-@\t\r\n＝＋－＠]")


def escaped(text: str) -> str:
    return f"'{text}" if _FORMULA.match(text) else text


def plain(text: str) -> str:
    return text[1:] if _ESCAPED.match(text) else text
