"""Which certificate, key and intermediate belong together, and a sentence for everything that does not."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import rsa

from walletpass.apple.guardian import kinds
from walletpass.apple.guardian.reading import Found
from walletpass.programs import Program

Named = tuple[str, x509.Certificate]
Key = tuple[str, rsa.RSAPrivateKey]


@dataclass(frozen=True)
class Chosen:
    leaf: x509.Certificate
    intermediate: x509.Certificate
    key: rsa.RSAPrivateKey = field(repr=False)
    notes: tuple[str, ...] = ()


def choose(program: Program, found: Found, own_keys: Sequence[Key], known: Sequence[x509.Certificate], now: datetime) -> Chosen | list[str]:
    """The three that sign this program's passes, or everything that is wrong.

    ``own_keys`` are those made or used here, ``known`` the intermediates that lie here; what was brought comes first.
    """
    faults = list(found.faults)
    leaves = [(name, made) for name, made in found.certificates if kinds.is_pass(made) and not kinds.is_authority(made)]
    if len(leaves) != 1:
        return faults + list(_not_one(program, found, leaves))
    name, leaf = leaves[0]
    faults += _wrong_subject(program, name, leaf)
    faults += _wrong_time(name, leaf, now)
    key = next((key for _, key in (*found.keys, *own_keys) if key.public_key() == leaf.public_key()), None)
    if key is None:
        faults.append(_no_key(program, name, found, own_keys))
    elif key.key_size < 2048:
        faults.append(f"The key of {name} has {key.key_size} bits; Apple takes RSA keys of 2048 bits.")
    brought = [(source, made) for source, made in found.certificates if kinds.is_authority(made)]
    intermediate = _issuer(leaf, [*(made for _, made in brought), *known], now)
    if intermediate is None:
        faults.append(_no_issuer(name, leaf, brought))
    else:
        faults += _old_issuer(intermediate, now)
    if faults or key is None or intermediate is None:
        return faults
    return Chosen(leaf, intermediate, key, tuple(_notes(found, leaf)))


def _not_one(program: Program, found: Found, leaves: Sequence[Named]) -> Iterator[str]:
    if leaves:
        each = "; ".join(
            f"{name}: {kinds.shown(kinds.pass_type(made))}, until {made.not_valid_after_utc:%Y-%m-%d}" for name, made in leaves
        )
        yield f"These are {len(leaves)} pass certificates ({each}). Give only the one for {program.pass_type_identifier}."
        return
    wanted = f"a Pass Type ID certificate for {program.pass_type_identifier} is needed"
    for name, made in found.certificates:
        if not kinds.is_authority(made):
            yield f"{name} is a certificate {kinds.purpose(made)}; {wanted}."
    if found.certificates and all(kinds.is_authority(made) for _, made in found.certificates):
        names = ", ".join(dict.fromkeys(name for name, _ in found.certificates))
        words = kinds.issuer_called(found.certificates[0][1].subject)
        yield f"{names} is {words}, which issues certificates: {wanted} too, the pass.cer from Apple's portal."
    if not found.certificates and found.keys:
        names = ", ".join(dict.fromkeys(name for name, _ in found.keys))
        yield f"{names} holds a private key and no certificate: {wanted} too, the pass.cer from Apple's portal."


def _wrong_subject(program: Program, name: str, leaf: x509.Certificate) -> Iterator[str]:
    pass_type, team = kinds.pass_type(leaf), kinds.team(leaf)
    if pass_type != program.pass_type_identifier:
        yield (
            f"{name} is for {kinds.shown(pass_type)}, but the cards of {program.name} are {program.pass_type_identifier}, and stay that for ever. "
            f"Make the certificate for that identifier."
        )
    if team != program.team_identifier:
        yield f"{name} belongs to team {kinds.shown(team)}, but the cards of {program.name} belong to team {program.team_identifier}. Sign in to that team in Apple's portal."


def _wrong_time(name: str, leaf: x509.Certificate, now: datetime) -> Iterator[str]:
    if now > leaf.not_valid_after_utc:
        yield f"{name} expired on {leaf.not_valid_after_utc:%Y-%m-%d}. Make a new one for the same identifier in Apple's portal."
    if now < leaf.not_valid_before_utc:
        yield f"{name} is not valid before {leaf.not_valid_before_utc:%Y-%m-%d %H:%M} UTC. Check the clock of this server."


def _no_key(program: Program, name: str, found: Found, own_keys: Sequence[Key]) -> str:
    tried = ", ".join(dict.fromkeys(source for source, _ in (*found.keys, *own_keys)))
    mend = f"Give that key too, or the .p12 with both; or make a certificate from the request of `walletpass certs request {program.id}`."
    if not tried:
        return f"The private key of {name} is missing. {mend}"
    return f"{name} was made for another private key than those at hand ({tried}). {mend}"


def _issuer(leaf: x509.Certificate, candidates: Sequence[x509.Certificate], now: datetime) -> x509.Certificate | None:
    """Of several with the same key, one that is valid now and lasts longest."""
    issuers = [made for made in candidates if kinds.is_authority(made) and issued(leaf, made)]
    return max(issuers, key=lambda made: (made.not_valid_before_utc <= now, made.not_valid_after_utc), default=None)


def issued(leaf: x509.Certificate, authority: x509.Certificate) -> bool:
    """By name (with its unit), key identifier and signature."""
    if leaf.issuer != authority.subject or not _same_key(leaf, authority):
        return False
    try:
        leaf.verify_directly_issued_by(authority)
    except (InvalidSignature, ValueError, TypeError, UnsupportedAlgorithm):
        return False
    return True


def _same_key(leaf: x509.Certificate, authority: x509.Certificate) -> bool:
    try:
        wanted = leaf.extensions.get_extension_for_class(x509.AuthorityKeyIdentifier).value.key_identifier
        held = authority.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value.digest
    except (x509.ExtensionNotFound, ValueError):
        return True
    return wanted in (None, held)


def _no_issuer(name: str, leaf: x509.Certificate, brought: Sequence[Named]) -> str:
    wanted, mend = kinds.issuer_called(leaf.issuer), kinds.where_to_get(leaf.issuer)
    for source, made in brought:
        if made.subject == leaf.issuer:
            fault = (
                "another key"
                if not _same_key(leaf, made)
                else "its signature is not on the certificate; one of the two is damaged or forged"
            )
            return f"{source} has the name of the issuer of {name}, but {fault}. {mend}"
    if not brought:
        return f"{name} was issued by {wanted}, which is not here. {mend}"
    given = ", ".join(dict.fromkeys(f"{source} ({kinds.generation(made.subject)})" for source, made in brought))
    return f"{name} was issued by {wanted}, which is not among the files: {given}. {mend}"


def _old_issuer(intermediate: x509.Certificate, now: datetime) -> Iterator[str]:
    words = kinds.issuer_called(intermediate.subject)
    words = words[0].upper() + words[1:]
    if now > intermediate.not_valid_after_utc:
        yield (
            f"{words} expired on {intermediate.not_valid_after_utc:%Y-%m-%d}, and what it issued with it. "
            "Make a new certificate in Apple's portal: it comes from a newer one."
        )
    if now < intermediate.not_valid_before_utc:
        yield f"{words} is not valid before {intermediate.not_valid_before_utc:%Y-%m-%d}. Check the clock of this server."


def _notes(found: Found, leaf: x509.Certificate) -> Iterator[str]:
    for name, key in found.keys:
        if key.public_key() != leaf.public_key():
            yield f"The private key in {name} is of another certificate; it was left out."
    for name, made in found.certificates:
        if made != leaf and not kinds.is_authority(made):
            yield f"{name} also holds a certificate {kinds.purpose(made)}; it was left out."
