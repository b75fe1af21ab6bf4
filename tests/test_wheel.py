"""What is installed elsewhere brings its designs, its assets and its translations along."""

import subprocess
import sys
import zipfile
from pathlib import Path

ROOT = Path(__file__).parent.parent


def test_the_wheel_carries_designs_assets_translations_and_migrations(tmp_path: Path) -> None:
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)], cwd=ROOT, check=True, capture_output=True
    )
    with zipfile.ZipFile(next(tmp_path.glob("*.whl"))) as wheel:
        names = set(wheel.namelist())
    for wanted in (
        "walletpass/pass_templates/bistro/design.toml",
        "walletpass/pass_templates/bistro/images/luna/icon.png",
        "walletpass/web/static/app.css",
        "walletpass/web/static/vendor/zxing_reader.wasm",
        "walletpass/web/static/vendor/onest/onest.css",
        "walletpass/web/templates/join.html",
        "walletpass/web/translations/uk/LC_MESSAGES/messages.mo",
        "walletpass/migrations/env.py",
        "walletpass/migrations/versions/0001_the_first_tables.py",
    ):
        assert wanted in names
    assert not any("axe" in name or name.endswith((".key", ".sqlite")) for name in names)
