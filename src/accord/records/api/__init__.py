"""The API of records: search, records, disclosure requests, intake."""

from __future__ import annotations

from ninja import Router

from accord.records.api.intake import router as intake_router
from accord.records.api.obligations import router as obligations_router
from accord.records.api.records import router as records_router
from accord.records.api.requests import router as requests_router
from accord.records.api.search import router as search_router
from accord.records.api.statements import router as statements_router

router = Router()
router.add_router("", search_router)
router.add_router("", records_router)
router.add_router("", requests_router)
router.add_router("", statements_router)
router.add_router("", intake_router)
router.add_router("", obligations_router)
