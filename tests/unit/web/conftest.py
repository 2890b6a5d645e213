"""A template environment for the tests of `accord.web`, without a database or a full site."""

from __future__ import annotations

import pytest
from jinja2 import Environment, FileSystemLoader

from accord.web.jinja import environment, template_dirs


@pytest.fixture(scope="session")
def env() -> Environment:
    """The real environment; static paths are made plain, since no site is configured here."""
    loader = FileSystemLoader([str(folder) for folder in template_dirs()])
    built = environment(loader=loader)
    built.globals["static"] = lambda path: f"/static/{path}"
    built.globals["url"] = lambda name, *args: (
        "/" + "/".join([name.replace(":", "/"), *map(str, args)])
    )
    return built
