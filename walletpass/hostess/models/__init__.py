"""The tables of the hostess's board."""

from walletpass.hostess.models.arrivals import VIAS, Arrival, Booking, IncomingCall, Signal
from walletpass.hostess.models.known import GuestNote, Manner, Said, SentenceRule
from walletpass.hostess.models.tables import KeptTable, TableGiven

__all__ = ["VIAS", "Arrival", "Booking", "GuestNote", "IncomingCall", "KeptTable", "Manner", "Said", "SentenceRule", "Signal", "TableGiven"]
