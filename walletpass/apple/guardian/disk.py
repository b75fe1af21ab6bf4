"""Files of a program's folder: written whole, readable by us alone, and by one process at a time."""

import fcntl
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from walletpass import config
from walletpass.errors import Unavailable
from walletpass.programs import Program


def folder_of(program: Program) -> Path:
    return Path(config.current().certs_dir) / program.id


def prepare(folder: Path) -> None:
    if not folder.is_dir():
        folder.mkdir(mode=0o700, parents=True)
        hand_over(folder, folder.parent)


def write(path: Path, data: bytes) -> None:
    """Whole or not at all, mode 0600, on the disk when this returns."""
    part = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as out:
        out.write(data)
        out.flush()
        os.fsync(out.fileno())
    hand_over(part, path.parent)
    part.replace(path)
    settle(path.parent)


def link(path: Path, target: str) -> None:
    """Point ``path`` at ``target``, in one step."""
    part = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    part.symlink_to(target)
    part.replace(path)
    settle(path.parent)


def settle(folder: Path) -> None:
    """What was renamed in this folder stays renamed after a power loss."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def hand_over(path: Path, like: Path) -> None:
    """What root makes belongs to whom the folder belongs to: the server reads no key of another user."""
    if os.geteuid() == 0:
        owner = like.stat()
        os.chown(path, owner.st_uid, owner.st_gid)


@contextmanager
def alone(folder: Path, name: str = ".lock", *, wait: bool = True) -> Iterator[bool]:
    """Hold the folder's lock; it ends with the process that held it. Without ``wait``, False when somebody else has it."""
    handle = os.open(folder / name, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        hand_over(folder / name, folder)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
        except BlockingIOError:
            yield False
        else:
            yield True
    finally:
        os.close(handle)


@contextmanager
def writing(folder: Path) -> Iterator[None]:
    """The folder, made when it was not there, for us alone. Raises Unavailable when it cannot be written."""
    try:
        prepare(folder)
        with alone(folder):
            yield
    except OSError as error:
        raise Unavailable(
            f"The folder {folder.name} of the certificates cannot be written: {error.strerror}. What was in use is still in use."
        ) from error
