"""Guests in and out, for systems that may know who is known."""

from collections.abc import Callable, Sequence
from typing import Any

from flask import Response, g, jsonify, request
from flask_openapi import APIBlueprint, Tag
from sqlmodel import Session

from walletpass import cards, guestbook, guests, ledger, programs
from walletpass.api.auth import SECURITY, authenticate
from walletpass.api.members_shapes import (
    ConsentIn,
    ConsentOut,
    ErasedOut,
    ExportQuery,
    MemberCardOut,
    MemberChangeIn,
    MemberIn,
    MemberOut,
    MemberPath,
    MembersOut,
    MembersQuery,
)
from walletpass.api.schemas import FAULTS, KeyHeader
from walletpass.database import reading, transaction
from walletpass.errors import Malformed, NotFound
from walletpass.guestbook import Application
from walletpass.guests import ConsentGiven, Guest
from walletpass.ledger import Answer
from walletpass.programs import Program
from walletpass.staff import Actor

bp = APIBlueprint(
    "api_members", __name__, url_prefix="/api/v1/members", abp_tags=[Tag(name="Members")], abp_responses=FAULTS, abp_security=SECURITY
)
bp.before_request(authenticate)

FILE: dict[str, Any] = {
    "description": "CSV (RFC 4180, UTF-8 with its mark), or a JSON object a line.",
    "content": {kind: {"schema": {"type": "string"}} for kind in ("text/csv", "application/x-ndjson")},
}
# What is kept with a key: ids and numbers, nobody's name.
Told = dict[str, Any]
Deed = Callable[[Session, Program], tuple[int, Told]]


@bp.post(
    "",
    summary="A member by the phone number: a new one (201), or the one who has it (200)",
    responses={201: MemberOut, 200: MemberOut},
)
def create(header: KeyHeader, body: MemberIn) -> Response:
    actor: Actor = g.actor
    # Whoever types in paper forms sees whom they typed in, and not the whole base.
    actor.must("enrol" if body.channel != "api" else "members")

    def deed(session: Session, program: Program) -> tuple[int, Told]:
        application = Application(
            body.phone, body.name or None, body.email or "", body.birthday or "", body.city or "", body.language or "", body.channel,
            consents=_given(body.consents),
        )  # fmt: skip
        member = guestbook.admit(session, program, application)
        invited = (
            body.invite and member.created and member.card is not None and guestbook.invite(session, program, member.guest, member.card)
        )
        return 201 if member.created else 200, {"member": member.guest.id, "invited": invited}

    return _once("members", header.key, deed)


@bp.get("", summary="Members, oldest first, or those with a phone number", responses={200: MembersOut})
def every(query: MembersQuery) -> Response:
    actor = _allowed()
    with reading() as session:
        program = programs.get(session, actor.program_id)
        if query.phone:
            found: Sequence[Guest] = guests.by_phone(session, program.id, guests.clean_phone(query.phone, program.country))
        else:
            found = guests.page(session, program.id, after=_known(session, program.id, query.after), limit=query.limit)
        more = found[-1].id if len(found) == query.limit and not query.phone else None
        out = MembersOut(members=[_member(session, guest) for guest in found], next=more)
    return jsonify(out.model_dump(mode="json"))


@bp.get("/export", summary="All members as a file, but those who were erased", responses={200: FILE})
def export(query: ExportQuery) -> Response:
    return file_of(_allowed().program_id, query.format)


@bp.get("/<member_id>", summary="One member", responses={200: MemberOut})
def one(path: MemberPath) -> Response:
    actor = _allowed()
    with reading() as session:
        return jsonify(_member(session, _still_here(session, actor.program_id, path.member_id)).model_dump(mode="json"))


@bp.patch("/<member_id>", summary="Change a profile, keep a consent or take one back", responses={200: MemberOut})
def change(path: MemberPath, header: KeyHeader, body: MemberChangeIn) -> Response:
    actor = _allowed()

    def deed(session: Session, program: Program) -> tuple[int, Told]:
        guest = _still_here(session, program.id, path.member_id)
        said = body.model_dump(include={"name", "email", "birthday", "city", "language"})
        guestbook.change(session, program, guest, **said)
        for consent in _given(body.consents):
            guests.record(session, guest, consent)
        _must_have_agreed(session, guest, body.withdraw)
        for purpose in body.withdraw:
            guests.withdraw(session, guest, purpose, actor.source)
        return 200, {"member": guest.id}

    return _once(f"members/{path.member_id}", header.key, deed)


@bp.delete("/<member_id>", summary="Erase a member: the identity goes, points and payments stay in the books", responses={200: ErasedOut})
def erase(path: MemberPath, header: KeyHeader) -> Response:
    actor = _allowed()

    def deed(session: Session, program: Program) -> tuple[int, Told]:
        ended = guestbook.erase(session, program.id, path.member_id)
        return 200, ErasedOut(id=path.member_id, cards_ended=ended).model_dump()

    with transaction() as session:
        answer, again = _answered(session, actor, f"members/{path.member_id}/erase", header.key, None, deed)
    return _response(answer.body, answer.status, again)


def file_of(program_id: str, form: str) -> Response:
    """Everybody, while they are being read. Raises NotFound."""
    guestbook.check_program(program_id)
    rows, kind = (guestbook.csv_rows, "text/csv") if form == "csv" else (guestbook.ndjson_rows, "application/x-ndjson")
    response = Response(rows(program_id), mimetype=kind)
    response.headers["Content-Disposition"] = f'attachment; filename="{program_id}-guests.{form}"'
    return response


def _allowed() -> Actor:
    actor: Actor = g.actor
    actor.must("members")
    return actor


def _once(route: str, key: str, deed: Deed) -> Response:
    """Key, guest, card and consents: one transaction. The answer is drawn anew each time: what is kept names nobody."""
    actor: Actor = g.actor
    with transaction() as session:
        answer, again = _answered(session, actor, route, key, request.get_json(), deed)
        out = _member(session, _still_here(session, actor.program_id, answer.body["member"]), invited=bool(answer.body.get("invited")))
        if answer.status == 200 and not actor.may("members"):
            # Whoever types in forms learns that a number is known, and no more of the guest than a scan would tell.
            out = out.model_copy(update={"email": "", "birthday": "", "city": "", "consents": [], "card": None})
        return _response(out.model_dump(mode="json"), answer.status, again)


def _answered(session: Session, actor: Actor, route: str, key: str, body: Any, deed: Deed) -> tuple[Answer, bool]:
    said = ledger.fingerprint(route, body)
    # A digest of a number alone can be tried out: ours takes the secret.
    answer = ledger.begin_once(session, actor.program_id, key, cards.keyed(actor.program_id, "member request", said))
    if answer is not None:
        return answer, True
    status, told = deed(session, programs.get(session, actor.program_id))
    return ledger.finish_once(session, actor.program_id, key, Answer(status, told)), False


def _response(body: dict[str, Any], status: int, again: bool) -> Response:
    response = jsonify(body)
    response.status_code = status
    if again:
        response.headers["Idempotent-Replay"] = "true"
    return response


def _still_here(session: Session, program_id: str, guest_id: str) -> Guest:
    guest = guests.get(session, program_id, guest_id)
    if guest.erased_at is not None:
        raise NotFound("This guest is not known here.")
    return guest


def _known(session: Session, program_id: str, after: str) -> str:
    """Raises Malformed for a place in the list that is none."""
    try:
        return guests.get(session, program_id, after).id if after else ""
    except NotFound:
        raise Malformed("after is no member of this restaurant. Give the value of next from the page before.", field="after") from None


def _must_have_agreed(session: Session, guest: Guest, purposes: Sequence[str]) -> None:
    """Raises Malformed for what the guest was never asked; what was taken back already may be taken back again."""
    asked = {row.purpose for row in guests.consents(session, guest.program_id, guest.id)}
    for purpose in purposes:
        if purpose not in asked:
            raise Malformed(f"This guest never agreed to {purpose!r}. Known are: {', '.join(sorted(asked)) or 'none'}.", field="withdraw")


def _given(consents: Sequence[ConsentIn]) -> list[ConsentGiven]:
    for consent in consents:
        if (consent.text is None) == (consent.text_sha256 is None):
            raise Malformed("Give either the text of the consent, or its SHA-256.", field="consents")
    return [
        ConsentGiven(
            consent.purpose,
            consent.version,
            consent.language,
            consent.text or "",
            consent.channel,
            consent.given_at,
            consent.text_sha256 or "",
        )
        for consent in consents
    ]


def _member(session: Session, guest: Guest, *, invited: bool = False) -> MemberOut:
    card = guestbook.card_of(session, guest)
    return MemberOut(
        id=guest.id,
        name=guest.name,
        phone=guest.phone,
        email=guest.email,
        birthday=str(guests.birthday_of(guest) or ""),
        city=guest.city,
        language=guest.language,
        channel=guest.channel_code,
        created_at=guest.created_at,
        marketing=guests.MARKETING in guests.standing(session, guest),
        consents=[ConsentOut.model_validate(row) for row in guests.consents(session, guest.program_id, guest.id)],
        card=_card(session, card) if card else None,
        invited=invited,
    )


def _card(session: Session, card: cards.Card) -> MemberCardOut:
    return MemberCardOut(
        id=card.id,
        number=card.number,
        code=cards.card_code(card.program_id, card.key_id, card.token),
        link=guestbook.link(card),
        points=ledger.balance(session, card.program_id, card.id).points,
    )
