"""Texts that another system gave us."""


def plain(text: str, longest: int) -> str:
    """Without control and bidi characters and needless blanks, cut to ``longest`` letters."""
    return " ".join("".join(char if char.isprintable() else " " for char in text).split())[:longest].rstrip()
