from walletpass.coatcheck.models.offline import Conflict, OfflineDeed
from walletpass.coatcheck.models.places import Cloakroom, Hook, Price
from walletpass.coatcheck.models.shifts import Shift
from walletpass.coatcheck.models.tickets import CoatItem, DeadCode, Photo, Step, Ticket

__all__ = ["Cloakroom", "CoatItem", "Conflict", "DeadCode", "Hook", "OfflineDeed", "Photo", "Price", "Shift", "Step", "Ticket"]
