"""`walletpass demo`: the whole product on this machine, with no account anywhere.

The server runs as in production, on SQLite, with delivery inside; its settings point at the sandbox, which is a process of
its own. Everything lives in one folder, and a second start finds it again.
"""

import fcntl
import json
import os
import secrets
import shlex
import socket
import subprocess
import sys
import time
import traceback
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, cast

import click
import requests

from walletpass import config
from walletpass.cli import demo_data
from walletpass.cli.files import write
from walletpass.cli.serve import Server
from walletpass.cli.setup import log_to_stderr, ready
from walletpass.config import Settings
from walletpass.errors import WalletpassError
from walletpass.migrations import schema

if TYPE_CHECKING:
    from walletpass.sandbox import Options

HOST = "127.0.0.1"
# The settings of the demo, for a shell.
ENVIRONMENT = "env"
SANDBOX_STARTS = 20.0
PREDECESSOR_ENDS = 3.0


@click.command()
@click.option(
    "--port",
    default=8000,
    show_default=True,
    type=click.IntRange(1, 65_000),
    help="The server's port; the sandbox takes the next free ones.",
)
@click.option(
    "--dir", "folder", default="var/demo", show_default=True, type=click.Path(path_type=Path), help="Where the demo keeps everything."
)
@click.option("--access", type=click.Path(path_type=Path), help="Write links, PINs and keys to this file, as JSON.")
@click.option("--database-url", default="", help="Instead of SQLite in the demo's folder.")
def demo(port: int, folder: Path, access: Path | None, database_url: str) -> None:
    """Two restaurants, 200 guests and a phone on the screen."""
    try:
        from walletpass.sandbox import Options, chain
    except ImportError as error:
        raise click.ClickException(f"The demo needs its extra: pip install 'walletpass[demo]' ({error}).") from error
    folder = folder.absolute()
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    lock = hold(folder)
    must_be_free(port)
    ports = free_ports(port + 1, 5)
    sandbox_url = f"http://{HOST}:{ports[0]}"
    settings = demo_settings(folder, port, database_url, sandbox_url, apns_port=ports[3], smtp_port=ports[4])
    chain.prepare(
        folder / "certs", folder / "sandbox", demo_data.pass_types(), token_uri=f"{sandbox_url}/google/token", issuers=demo_data.issuers()
    )
    told = apart(lambda: furnish(settings, folder))
    write(folder / ENVIRONMENT, "\n".join(f"export {name}={shlex.quote(value)}" for name, value in config.environment(settings).items()))
    config.use(settings)
    log_to_stderr(settings.log_level)
    options = Options(
        server_url=settings.base_url,
        directory=folder / "sandbox",
        port=ports[0],
        iphone_port=ports[1],
        android_port=ports[2],
        apns_port=ports[3],
        smtp_port=ports[4],
        join_urls=tuple((row["name"], row["join_url"]) for row in told),
    )
    sandbox = start_sandbox(options, sandbox_url, lock)
    facts = {
        "base_url": settings.base_url,
        "pid": os.getpid(),
        "database_url": settings.database_url,
        "programs": told,
        "sandbox": {
            "phone_url": f"{sandbox_url}/",
            "apns_url": settings.apns_url,
            "google_url": settings.google_api_url,
            "faults_url": f"{sandbox_url}/faults",
            "inbox_url": f"{sandbox_url}/inbox",
        },
        "openapi_url": f"{settings.base_url}/api/openapi.json",
        "environment": str(folder / ENVIRONMENT),
    }
    if access:
        write(access, facts)
    me = os.getpid()
    try:
        Server(settings, on_ready=lambda: greet(facts)).run()
    finally:
        # gunicorn's own children pass here too, on their way out.
        if os.getpid() == me:
            sandbox.terminate()
            sandbox.wait(5)


def furnish(settings: Settings, folder: Path) -> list[dict[str, Any]]:
    ready(settings, migrated=False)
    schema.upgrade()
    return demo_data.fill(folder)


def apart(work: Callable[[], Any]) -> Any:
    """The answer of ``work``, done in a child process whose memory goes with it; a failure of it ends us with its exit code."""
    ours, theirs = os.pipe()
    child = os.fork()
    if not child:
        os.close(ours)
        try:
            with os.fdopen(theirs, "w", encoding="utf-8") as answer:
                json.dump(work(), answer)
        except WalletpassError as error:
            click.secho(error.message, err=True, fg="red")
            os._exit(1)
        except BaseException:
            traceback.print_exc()
            os._exit(1)
        os._exit(0)
    os.close(theirs)
    with os.fdopen(ours, encoding="utf-8") as answer:
        text = answer.read()
    code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    if code:
        sys.exit(abs(code))
    return json.loads(text)


def demo_settings(folder: Path, port: int, database_url: str, sandbox_url: str, apns_port: int, smtp_port: int) -> Settings:
    return Settings(
        secret_keys=secret_ring(folder / "secret-keys"),
        base_url=f"http://{HOST}:{port}",
        host=HOST,
        port=port,
        database_url=database_url or f"sqlite:///{folder / 'walletpass.sqlite'}",
        certs_dir=str(folder / "certs"),
        log_level="warning",
        join_per_minute=0,
        apns_url=f"https://{HOST}:{apns_port}",
        apns_ca_file=str(folder / "certs" / "apns-ca.pem"),
        google_api_url=f"{sandbox_url}/walletobjects/v1",
        google_save_url=f"{sandbox_url}/gp/v/save",
        google_key_urls=f"{sandbox_url}/google/keys",
        sms_url=f"json://{sandbox_url.removeprefix('http://')}/sms/{{to}}",
        smtp_url=f"smtp://{HOST}:{smtp_port}",
        mail_from="cards@walletpass.example",
        codes_per_minute=0,
    )


def secret_ring(path: Path) -> str:
    if not path.exists():
        write(path, f"1:{secrets.token_hex(32)}")
    return path.read_text("utf-8").strip()


def start_sandbox(options: "Options", url: str, lock: int) -> subprocess.Popen[bytes]:
    """The sandbox as a process that ends with us, however we go: it reads from a pipe that only we hold open."""
    process = subprocess.Popen([sys.executable, "-m", "walletpass.sandbox"], stdin=subprocess.PIPE, pass_fds=[lock])
    pipe = cast(IO[bytes], process.stdin)
    pipe.write(json.dumps(asdict(options), default=str).encode() + b"\n")
    pipe.flush()
    until = time.monotonic() + SANDBOX_STARTS
    while time.monotonic() < until and process.poll() is None:
        try:
            requests.get(f"{url}/faults", timeout=1)
            return process
        except requests.RequestException:
            time.sleep(0.05)
    raise click.ClickException(f"The sandbox did not start on {url}.")


def hold(folder: Path) -> int:
    """One demo per folder. The lock is our children's too: a predecessor that was killed is waited for until all of it is gone."""
    handle = os.open(folder / "lock", os.O_RDWR | os.O_CREAT, 0o600)

    def locked() -> bool:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    if not _soon(locked):
        raise click.ClickException(f"A demo is running in {folder} already. Stop it, or choose another folder with --dir.")
    return handle


def must_be_free(port: int) -> None:
    if not _soon(lambda: _is_free(port)):
        raise click.ClickException(f"Port {port} is taken by another program. Choose another one with --port.")


def free_ports(first: int, count: int) -> list[int]:
    """``count`` ports, from ``first`` upwards where they are free."""
    found: list[int] = []
    port = first
    while len(found) < count:
        if port > 65535:
            raise click.ClickException("There is no free port left for the sandbox.")
        if _is_free(port):
            found.append(port)
        port += 1
    return found


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
        return True


def _soon(truth: Callable[[], bool]) -> bool:
    """Whether it becomes true before our patience with a predecessor that was just killed ends."""
    until = time.monotonic() + PREDECESSOR_ENDS
    while not truth():
        if time.monotonic() > until:
            return False
        time.sleep(0.05)
    return True


def _by_name(url: str) -> str:
    """Browsers make passkeys for names, never for 127.0.0.1."""
    return url.replace(f"//{HOST}:", "//localhost:", 1)


def greet(facts: dict[str, Any]) -> None:
    click.secho("\nwalletpass is open.\n", bold=True)
    for program in facts["programs"]:
        click.secho(f"  {program['name']}", bold=True)
        click.echo(f"    guests join    {_by_name(program['join_url'])}")
        click.echo(f"    make a till    {program['enrol_device_url']}   (works once)")
        click.echo(f"    till           {program['till_url']}")
        click.echo(f"    staff          {', '.join('{name} ({role}) {pin}'.format(**person) for person in program['staff'])}\n")
    click.echo(f"  phones           {facts['sandbox']['phone_url']}")
    click.echo(f"  API              {facts['base_url']}/api/docs")
    click.echo(f"  other commands   . {facts['environment']} && walletpass --help")
    click.echo("\nCtrl-C stops everything. The next start finds it again.\n")
    sys.stdout.flush()
