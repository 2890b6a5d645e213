"""What every test shares: a private data directory, and a real PostgreSQL when one is asked for.

`node` starts an embedded server once a worker, with migrations applied; the tests write and commit
for real, under the same roles as production. `world` gives it the riverbend world.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

pytest_plugins = ["dealing"]  # which worker runs which module

_DATA_DIR = Path(tempfile.mkdtemp(prefix="accord-test-"))
_DATA_DIR.chmod(0o755)
os.environ["ACCORD_DATA_DIR"] = str(_DATA_DIR)
os.environ["ACCORD_DEMO"] = "1"
os.environ["ACCORD_API_RATE"] = "1000000"
os.environ["ACCORD_SIGN_IN_MISSES"] = "1000000"
os.environ["ACCORD_UPLOADS_AT_ONCE"] = "1000000"  # what tests leave behind is one member's
os.environ["DJANGO_SETTINGS_MODULE"] = "accord.platform.settings"
os.environ.pop("ACCORD_DATABASE_URL", None)

import django  # noqa: E402 - the environment above must stand before settings are read

django.setup()

# How long a machine takes to make examples up says nothing about what is tested.
# Everybody's run makes the same examples up; `make test-all` looks for others (ACCORD_DEEP).
settings.register_profile(
    "accord",
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
    derandomize=os.environ.get("ACCORD_DEEP") != "1",
)
settings.load_profile("accord")

from django.contrib.auth.hashers import ScryptPasswordHasher  # noqa: E402 - as above

from accord.evidence.bundling import actions as bundling  # noqa: E402 - as above
from accord.platform import collecting  # noqa: E402 - like everything of Django's
from accord.platform.frames import in_one_piece  # noqa: E402 - as above

REAL_WORK = ScryptPasswordHasher.work_factor
# Hundreds of passwords are looked at; what is tested of them is not that it takes long.
ScryptPasswordHasher.work_factor = 2**4
bundling.RECEIPT_WAIT_S = 0.0  # no worker runs beside these tests, so a receipt would not come


def pytest_cmdline_main(config: pytest.Config) -> object:
    """A worker of pytest-xdist runs its tests with room for their frames, as Accord runs requests."""
    if not hasattr(config, "workerinput"):
        return None
    from _pytest.main import pytest_cmdline_main as main

    return in_one_piece(main)(config)


def pytest_collection_finish(session: pytest.Session) -> None:
    """What was collected stays to the end; looking at it again and again costs much."""
    del session
    collecting.settle()


@pytest.fixture
def real_work(monkeypatch: pytest.MonkeyPatch) -> None:
    """Passwords are kept with the work that production takes."""
    monkeypatch.setattr(ScryptPasswordHasher, "work_factor", REAL_WORK)


@pytest.fixture(scope="session")
def node() -> Iterator[Path]:
    """A started, migrated node; yields its data directory."""
    from accord.platform.db import launcher, roles
    from accord.platform.migrate import migrate

    cluster = launcher.ensure_running(_DATA_DIR, fast=True)
    roles.bootstrap(cluster, _DATA_DIR)
    _point_django_at(_DATA_DIR)
    migrate(_DATA_DIR)
    yield _DATA_DIR
    _close_connections()
    launcher.stop(_DATA_DIR)


@pytest.fixture(scope="session")
def world(node: Path) -> Path:
    """The node with the riverbend world, 300 generated records; yields the data directory."""
    from accord.cli.load import load_world

    load_world(node, Path(__file__).parents[1] / "worlds" / "riverbend", size=300)
    collecting.settle()
    return node


@pytest.fixture(scope="session", autouse=True)
def _clean_up() -> Iterator[None]:
    yield
    shutil.rmtree(_DATA_DIR, ignore_errors=True)


def _point_django_at(data_dir: Path) -> None:
    """Settings were read before the server existed; tell the connections where it is now."""
    from django.conf import settings
    from django.db import connections

    from accord.platform.db.config import django_database

    for alias, role in (("default", "accord_app"), ("migrate", "accord_migrate")):
        entry = django_database(data_dir, role)
        settings.DATABASES[alias].update(entry)
        connections[alias].settings_dict.update(entry)


def _close_connections() -> None:
    from django.db import connections

    connections.close_all()
