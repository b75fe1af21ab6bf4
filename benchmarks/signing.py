"""How fast a pass is made: `CardFace` to .pkpass, beside a bare RSA signature, a naive builder and other libraries.

All take turns in one process (those from npm in a child each, which measures itself): a raw signature and a pass of ours, twenty
times over, then a few of the slower ones, and again. Each call is measured by itself, in CPU time, and its median is the
figure. Beside the medians stands the ratio of the best tenths: neighbours on the machine empty the caches, which costs a pass of
49 KiB more than it costs a signature. p99 is by the clock, and who goes first is left to chance: OpenSSL renews what blinds a key at
every 32nd signature, which takes twice as long, and strict turns would leave all of these to one of the two. Memory is the most by which the process grew over the first 5,000
passes; two threads need a second core, so their best tenth of rounds counts.
"""

import io
import itertools
import json
import os
import random
import resource
import statistics
import time
import zipfile
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from importlib.metadata import version
from pathlib import Path
from tempfile import TemporaryDirectory

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding

from benchmarks import children, luna, signing_pypi, table
from benchmarks.signing_pypi import Make, Sample
from walletpass.apple.certificates import SigningIdentity
from walletpass.apple.package import build
from walletpass.cards import CardFace

CARDS, WARM_CARDS, ROUNDS, FAST_BLOCK = 5_000, 200, 200, 20
THREAD_ROUNDS, SINGLE_CALLS = 150, 4_000
SIGNED_BYTES = 107  # of signed attributes in a pass
PADDING, HASH = padding.PKCS1v15(), hashes.SHA256()
RAW, OURS, NAIVE, PASSKIT = "raw RSA-2048 signature", "walletpass", "naive builder (cryptography, zipfile)", "passkit-generator"
FROM_PYPI = {"py-pkpass": signing_pypi.py_pkpass, "edutap.wallet_apple": signing_pypi.edutap, "wallet-py3k": signing_pypi.wallet_py3k}
FROM_NPM = (PASSKIT, "@walletpass/pass-js")


@dataclass
class Contestant:
    """``run(count)`` makes that many and gives the seconds of CPU that each took; its turn comes every so many rounds."""

    name: str
    run: Callable[[int], list[float]]
    block: int = 1
    every: int = 1
    calls: list[float] = field(default_factory=list)

    @property
    def seconds(self) -> float:
        """The median of what one costs."""
        return statistics.median(self.calls)

    @property
    def undisturbed(self) -> float:
        """What nine in ten exceed."""
        return statistics.quantiles(self.calls, n=10)[0]


def main() -> None:
    with luna.opened() as house, TemporaryDirectory(prefix="walletpass-") as folder:
        faces = luna.faces(house, CARDS)
        grown = _grown(faces, house.identity)
        numbers = itertools.count()
        made = build(faces[-1], house.identity)
        signed = os.urandom(SIGNED_BYTES)

        def raw(_: int = 0) -> bytes:
            return house.identity.key.sign(signed, PADDING, HASH)

        def ours(_: int = 0) -> bytes:
            return build(faces[next(numbers) % WARM_CARDS], house.identity)

        pair = [Contestant(RAW, _timed(raw)), Contestant(OURS, _timed(ours))]
        slow, missing, running = _slow(_sample(made, house), Path(folder))
        try:
            _take_turns(pair, slow)
        finally:
            for child in running:
                child.close()
        results = {contestant.name: contestant for contestant in (*pair, *slow)}
        threads = {RAW: _two_threads(raw), OURS: _two_threads(ours)}
        _report(results, missing, len(made), grown, _p99(raw, ours), threads)


def _slow(sample: Sample, folder: Path) -> tuple[list[Contestant], dict[str, str], list[children.Told]]:
    """Everyone else, why some are missing, and the child processes to end."""
    for name, data in {"pass.json": json.dumps(sample.content).encode(), **sample.files}.items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_bytes(data)
    found, missing, running = [Contestant(NAIVE, _timed(signing_pypi.naive(sample)), 4)], {}, []
    for name, factory in FROM_PYPI.items():
        try:
            make = factory(sample)
            _must_be_whole(make(0))
            found.append(Contestant(f"{name} {version(name)}", _timed(make), 2, 10))
        except Exception as error:
            missing[name] = f"{type(error).__name__}: {error}".splitlines()[0]
    for name in FROM_NPM:
        try:
            child = children.node("signing_npm.mjs", name, str(folder), str(sample.certs))
        except (ChildProcessError, OSError) as error:
            missing[name] = str(error)
            continue
        running.append(child)
        found.append(Contestant(f"{name} {child.hello['version']}", partial(_told, child), 2, 10))
    return found, missing, running


def _report(
    results: dict[str, Contestant], missing: dict[str, str], size: int, grown: float, p99: dict[str, float], threads: dict[str, float]
) -> None:
    raw, ours = results[RAW], results[OURS]
    rows = [
        (
            one.name,
            f"{len(one.calls):,}",
            table.figure(1 / one.seconds),
            table.figure(one.seconds * 1000),
            f"{raw.seconds / one.seconds:.3f}",
            f"{raw.undisturbed / one.undisturbed:.3f}",
            table.figure(one.seconds / ours.seconds),
        )
        for one in results.values()
    ]
    rows += [(name, "-", "-", "-", "-", "-", reason) for name, reason in missing.items()]
    goals = [
        table.goal("of raw RSA, medians", raw.seconds / ours.seconds, 0.85),
        table.goal("of raw RSA, best tenths", raw.undisturbed / ours.undisturbed, 0.85),
        table.goal("times the naive builder", results[NAIVE].seconds / ours.seconds, 1.8),
        table.goal("p99 in p99s of raw RSA", p99[OURS] / p99[RAW], 1.3, most=True),
        table.goal("MiB grown over the first 5,000 passes", grown, 40, most=True),
        table.goal(f"times one thread with two, best tenth of rounds (raw RSA: {table.figure(threads[RAW])})", threads[OURS], 1.5),
    ]
    passkit = [one.seconds for name, one in results.items() if name.startswith(PASSKIT)]
    goals += [table.goal(f"times {PASSKIT}", passkit[0] / ours.seconds, 100)] if passkit else []
    head = ("one pass, one thread", "calls", "passes per CPU s", "ms", "of raw RSA", "best tenth", "walletpass is faster by")
    table.show(f"Making a pass of {size / 1024:.0f} KiB", head, rows, goals)


def _told(child: children.Told, count: int) -> list[float]:
    seconds: list[float] = child.do(count)["seconds"]
    return seconds


def _take_turns(pair: list[Contestant], slow: list[Contestant]) -> None:
    for turn in range(-1, ROUNDS):  # the first turn warms up
        due = [contestant for contestant in slow if turn % contestant.every == 0 or turn < 0]
        for contestant in [*pair * FAST_BLOCK, *due]:
            seconds = contestant.run(contestant.block)
            if turn >= 0:
                contestant.calls += seconds


def _timed(make: Make) -> Callable[[int], list[float]]:
    numbers = itertools.count()

    def run(count: int) -> list[float]:
        taken = []
        for _ in range(count):
            number, before = next(numbers), _cpu()
            make(number)
            taken.append(_cpu() - before)
        return taken

    return run


def _cpu() -> float:
    """Seconds of this process and of the children it has seen to their end."""
    ended = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.process_time() + ended.ru_utime + ended.ru_stime


def _p99(raw: Make, ours: Make) -> dict[str, float]:
    """Seconds of the slowest of a hundred single calls."""
    taken: dict[str, list[float]] = {RAW: [], OURS: []}
    pair = [(RAW, raw), (OURS, ours)]
    chance = random.Random(32)
    for number in range(SINGLE_CALLS):
        chance.shuffle(pair)
        for name, make in pair:
            before = time.perf_counter()
            make(number)
            taken[name].append(time.perf_counter() - before)
    return {name: statistics.quantiles(seconds, n=100)[98] for name, seconds in taken.items()}


def _two_threads(make: Make) -> float:
    """How many times as much two threads do as one in the same time."""
    ratios = []
    with ThreadPoolExecutor(2) as pool:
        for _ in range(THREAD_ROUNDS):
            start = time.perf_counter()
            _many(make, 60)
            middle = time.perf_counter()
            for job in [pool.submit(_many, make, 30), pool.submit(_many, make, 30)]:
                job.result()
            ratios.append((middle - start) / (time.perf_counter() - middle))
    return statistics.quantiles(ratios, n=10)[8]


def _many(make: Make, count: int) -> None:
    for number in range(count):
        make(number)


def _grown(faces: list[CardFace], identity: SigningIdentity) -> float:
    """MiB by which the process grew, at most, while it made these passes; nothing was made before."""
    before = most = table.resident()
    for number, face in enumerate(faces):
        build(face, identity)
        if number % 100 == 0:
            most = max(most, table.resident())
    return most - before


def _sample(data: bytes, house: luna.Luna) -> Sample:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        files = {name: archive.read(name) for name in archive.namelist() if name not in ("manifest.json", "signature")}
    return Sample(json.loads(files.pop("pass.json")), files, house.identity, house.certs)


def _must_be_whole(data: bytes) -> None:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        assert {"pass.json", "manifest.json", "signature", "icon.png"} <= set(archive.namelist())


if __name__ == "__main__":
    main()
