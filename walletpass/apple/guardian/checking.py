"""Everything about a program's certificate that can be verified without Apple."""

from collections.abc import Iterator

from walletpass.apple import certificates, signing
from walletpass.apple.guardian import disk, kinds
from walletpass.apple.guardian.requesting import NEW_KEY, pending
from walletpass.database import now
from walletpass.errors import CertificateError
from walletpass.programs import Program


def faults(program: Program) -> Iterator[str]:
    """One sentence for each thing to mend; nothing when the next card can be signed."""
    folder = disk.folder_of(program)
    if certificates.available(program):
        try:
            identity = certificates.identity(program)
            signing.sign(identity, b"{}", now())
        except CertificateError as error:
            yield error.message
        else:
            if not kinds.is_pass(identity.leaf):
                yield f"{program.id}/{certificates.LEAF} is a certificate {kinds.purpose(identity.leaf)}, not one for passes."
    else:
        yield f"{program.name} has no certificate yet. Begin with: walletpass certs request {program.id}"
    try:
        pending(program)
    except CertificateError as error:
        yield error.message
    for path in sorted(folder.glob("pass.key*.bak")):
        if not path.name.startswith(NEW_KEY) and path.stat().st_mode & 0o077:
            yield f"{program.id}/{path.name}, an old key, can be read by others. Run: chmod 600 {path.name}"
