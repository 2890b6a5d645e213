"""The API of records: search, records, disclosure requests."""

from __future__ import annotations

from ninja import Router

from accord.records.api.obligations import router as obligations_router
from accord.records.api.quick_checks import router as quick_checks_router
from accord.records.api.recalls import router as recalls_router
from accord.records.api.records import router as records_router
from accord.records.api.requests import router as requests_router
from accord.records.api.retention import router as retention_router
from accord.records.api.saved_searches import router as saved_searches_router
from accord.records.api.search import router as search_router
from accord.records.api.statements import router as statements_router
from accord.records.api.subscriptions import router as subscriptions_router

router = Router()
router.add_router("", search_router)
router.add_router("", records_router)
router.add_router("", requests_router)
router.add_router("", statements_router)
router.add_router("", obligations_router)
router.add_router("", retention_router)
router.add_router("", recalls_router)
router.add_router("", subscriptions_router)
router.add_router("", saved_searches_router)
router.add_router("", quick_checks_router)
