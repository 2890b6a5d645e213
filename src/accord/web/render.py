"""Drawing a page without the context processors.

Django's Jinja2 backend lets context processors overwrite what a view gives, and they may ask the
database. The page of last resort and the gallery bring their own `shell` and need neither.
"""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.template import engines
from django.template.backends.utils import csrf_input_lazy


def render_bare(
    request: HttpRequest, template: str, context: dict[str, Any], status: int = 200
) -> HttpResponse:
    """Draw `template` with exactly `context`, the request and its CSRF field."""
    engine: Any = engines["jinja2"]
    values = {"request": request, "csrf_input": csrf_input_lazy(request), **context}
    return HttpResponse(engine.env.get_template(template).render(values), status=status)
