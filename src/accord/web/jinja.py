"""The Jinja2 environment: strict, always escaping, with no way to mark text as safe.

`StrictUndefined` makes a page that was given too little fail instead of showing a gap, and the
`safe` filter is taken out, so that stored text can never become markup.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.templatetags.static import static
from django.urls import reverse
from jinja2 import Environment, StrictUndefined
from markupsafe import Markup

from accord.kernel.languages import LANGUAGES, direction
from accord.kernel.phrases import counted, filled, language, phrase
from accord.web.filters import FILTERS
from accord.web.handling import HANDLING_CODES
from accord.web.look import DENSITIES, THEMES, look_of
from accord.web.scripts import scripts_say


def template_dirs() -> list[Path]:
    """The `templates/` folder of every module that has one, `web` first."""
    package = Path(__file__).resolve().parent.parent
    found = sorted(p for p in package.glob("*/templates") if p.is_dir())
    return sorted(found, key=lambda p: p.parent.name != "web")


def url(name: str, *args: object, **kwargs: object) -> str:
    """The path of a named route."""
    return reverse(name, args=args or None, kwargs=kwargs or None)


def told(message: str, /, **values: object) -> Markup:
    """What a `{% trans %}` says: its own inline markup, with every value escaped.

    The markup is the template's; that a translation has the same is tested (decision 0016).
    """
    code = language()
    text = Markup(phrase(message).in_language(code))  # noqa: S704 - a template's own, or its translation
    return filled(text, Markup(message), values, code)  # noqa: S704 - the template's own text


def environment(**options: Any) -> Environment:
    """Build the environment that Django's Jinja2 backend uses."""
    for fixed in ("undefined", "autoescape", "trim_blocks", "lstrip_blocks"):
        options.pop(fixed, None)
    env = Environment(
        undefined=StrictUndefined,
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n"],
        **options,
    )
    env.newstyle_gettext = True  # type: ignore[attr-defined]  # the i18n extension adds it
    del env.filters["safe"]
    env.filters.update(FILTERS)
    env.globals.update(
        static=static,
        url=url,
        HANDLING_CODES=HANDLING_CODES,
        THEMES=THEMES,
        DENSITIES=DENSITIES,
        look_of=look_of,
        LANGUAGES=LANGUAGES,
        language=language,
        direction=direction,
        gettext=told,
        _=phrase,
        counted=counted,
        scripts_say=scripts_say,
    )
    return env
