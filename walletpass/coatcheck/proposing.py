"""Which hooks to take next.

What one guest leaves hangs side by side, as near to the counter as it can be together, so that giving it back is one walk. What has
a zone of its own kind goes there: an umbrella drips on coats. A proposal reserves nothing; but two attendants who look at one moment are
sent to different places, each to their own ``lane``, so that they seldom reach for one hook.
"""

from collections.abc import Collection, Sequence
from datetime import timedelta
from itertools import groupby

from sqlmodel import Session, col, select

from walletpass.coatcheck import rooms, shifts
from walletpass.coatcheck.models import Cloakroom, Hook, Step
from walletpass.database import now
from walletpass.errors import NoHookFree

LATELY, LANES = timedelta(minutes=10), 4


def propose(session: Session, room: Cloakroom, kinds: Sequence[str], *, lane: int = 0) -> list[Hook]:
    """A hook for each of ``kinds``, in their order; of a hook with room for several perhaps the same one. Raises NoHookFree."""
    zones = [list(hooks) for _, hooks in groupby(rooms.hooks(session, room), key=lambda hook: hook.zone)]
    chosen: dict[int, Hook] = {}
    wanted = dict(enumerate(kinds))
    used: dict[str, int] = {}
    while wanted:
        first = next(iter(wanted.values()))
        zone = _best(zones, first, used)
        if zone is None:
            raise NoHookFree("There is no free hook for this. Use another cloakroom, or move something.", kind=first)
        # What would choose the same zone hangs beside it, as far as the zone has room.
        together = [place for place, kind in wanted.items() if _best(zones, kind, used) is zone]
        places = _places(zone, used)[:]
        run = _run(places, min(len(together), len(places)), lane)
        for place, hook in zip(together, run, strict=False):
            chosen[place] = hook
            used[hook.id] = used.get(hook.id, 0) + 1
            del wanted[place]
    return [chosen[place] for place in range(len(kinds))]


def next_free(session: Session, room: Cloakroom, kind: str, beside: Hook, *, but: Collection[str] = ()) -> str:
    """The label of the free hook nearest to another one, and none of the ids of ``but``; empty where there is none."""
    free = [hook for hook in rooms.hooks(session, room) if hook.free and takes(hook, kind) and hook.id not in but]
    nearest = min(free, key=lambda hook: (hook.zone != beside.zone, abs(hook.number - beside.number), hook.number), default=None)
    return nearest.label if nearest else ""


def lane(session: Session, room: Cloakroom, till_id: str) -> int:
    """The place of a till among those that were busy here lately; 0 for one that is alone."""
    shift = shifts.open_one(session, room)
    if shift is None or not till_id:
        return 0
    ours = col(Step.program_id) == room.program_id, col(Step.shift_id) == shift.id, col(Step.recorded_at) > now() - LATELY
    busy = set(session.exec(select(Step.till_id).where(*ours).distinct()).all()) - {""}
    return sorted(busy | {till_id}).index(till_id) % LANES


def takes(hook: Hook, kind: str) -> bool:
    return not hook.kinds or kind in hook.kinds


def _best(zones: Sequence[list[Hook]], kind: str, used: dict[str, int]) -> list[Hook] | None:
    """The first zone with room that is for this kind, or else for any."""
    able = [zone for zone in zones if any(takes(hook, kind) and hook.free > used.get(hook.id, 0) for hook in zone)]
    return min(able, key=lambda zone: not any(hook.kinds for hook in zone), default=None)


def _places(zone: Sequence[Hook], used: dict[str, int]) -> list[Hook]:
    """Every free place, from the counter outwards; a hook with room for three stands there three times."""
    return [hook for hook in zone for _ in range(hook.free - used.get(hook.id, 0))]


def _run(places: Sequence[Hook], count: int, lane: int) -> Sequence[Hook]:
    """``count`` places as near to each other as any, and then to the counter; a later ``lane`` takes a run behind the first."""
    starts = range(len(places) - count + 1)
    ranked = sorted(starts, key=lambda start: (places[start + count - 1].number - places[start].number, start))
    apart: list[int] = []
    for start in ranked:
        # Not more spread out than need be for the sake of a lane.
        if apart and _span(places, start, count) > _span(places, apart[0], count):
            break
        if all(not {hook.id for hook in places[start : start + count]} & {hook.id for hook in places[at : at + count]} for at in apart):
            apart.append(start)
        if len(apart) > lane:
            break
    start = apart[lane % len(apart)]
    return places[start : start + count]


def _span(places: Sequence[Hook], start: int, count: int) -> int:
    return places[start + count - 1].number - places[start].number
