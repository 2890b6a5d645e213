"""Routes under /cases/, and those of one case within a working context."""

from __future__ import annotations

from django.urls import path

from accord.cases import views

urlpatterns = [
    path("", views.cases),
    path("open", views.open_case),
]

in_case = [
    path("case", views.overview),
    path("case/notes", views.write_note),
    path("case/notes/<uuid:note_id>", views.note),
    path("case/members", views.admit),
    path("case/members/release", views.release),
    path("case/state", views.set_state),
    path("records/<uuid:record_id>/place", views.place),
    path("records/<uuid:record_id>/withdraw", views.withdraw),
]
