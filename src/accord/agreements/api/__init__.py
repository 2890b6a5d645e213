"""The API of agreements."""

from __future__ import annotations

from ninja import Router

from accord.agreements.api.agreements import router as agreements_router
from accord.agreements.api.drafts import router as drafts_router
from accord.agreements.api.membersignatures import router as member_signatures_router
from accord.agreements.api.proofs import router as proofs_router
from accord.agreements.api.steps import router as steps_router

router = Router()
router.add_router("", agreements_router)
router.add_router("", steps_router)
router.add_router("", member_signatures_router)
router.add_router("", drafts_router)
router.add_router("", proofs_router)
