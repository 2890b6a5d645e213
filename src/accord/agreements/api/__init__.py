"""The API of agreements."""

from __future__ import annotations

from ninja import Router

from accord.agreements.api.agreements import router as agreements_router

router = Router()
router.add_router("", agreements_router)
