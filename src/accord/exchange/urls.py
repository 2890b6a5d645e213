"""Routes of exchange: under /import/."""

from __future__ import annotations

from django.urls import path

from accord.exchange.views import imports, mapping

import_patterns = [
    path("", imports.imports),
    path("mappings/", mapping.mappings),
    path("mappings/<str:name>", mapping.saved),
    path("<uuid:run_id>", imports.run),
    path("<uuid:run_id>/mapping", mapping.builder),
    path("<uuid:run_id>/progress", imports.progress),
    path("<uuid:run_id>/report", imports.report),
    path("<uuid:run_id>/cancel", imports.cancel),
    path("<uuid:run_id>/rows/<uuid:entry_id>", imports.mended),
]
