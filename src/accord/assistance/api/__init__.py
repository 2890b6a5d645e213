"""The API of the directory of expertise and of requests for assistance."""

from __future__ import annotations

from ninja import Router

from accord.assistance.api.expertise import router as expertise_router
from accord.assistance.api.requests import router as requests_router

router = Router()
router.add_router("", expertise_router)
router.add_router("", requests_router)
