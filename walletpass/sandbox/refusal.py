"""The one thing every check of a pass can end in."""


class WontOpen(Exception):
    """The phone will not show this pass; the message says why, in a sentence a restaurant's operator understands."""

    @property
    def sentence(self) -> str:
        return str(self)
