"""Routes of the gallery, to be mounted at /gallery/, and of how pages look."""

from __future__ import annotations

from django.urls import path

from accord.web import views

app_name = "web"
urlpatterns = [
    path("", views.gallery, name="gallery"),
    path("error/<int:status>/", views.gallery_error, name="gallery-error"),
]

look = [path("", views.look, name="look")]
