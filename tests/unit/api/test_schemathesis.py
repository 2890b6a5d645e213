"""Made-up requests against the API's own document: what it answers must be what it says it answers."""

from __future__ import annotations

import os
import zlib
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, settings
from schemathesis.checks import CHECKS
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from accord.agencies.actions import create_api_token

DEEP = os.environ.get("ACCORD_DEEP") == "1"
EXAMPLES = 100 if DEEP else 2
OKAFOR = "riverbend-pd.d.okafor"
WANTED = (
    CHECKS.get_one("not_a_server_error"),
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
)
QUIET = settings(
    max_examples=EXAMPLES,
    deadline=None,
    derandomize=not DEEP,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)


@pytest.fixture(scope="module")
def headers(world: Path) -> dict[str, str]:
    del world
    return {
        "Authorization": f"Bearer {create_api_token(OKAFOR)}",
        "Accord-Purpose": "case-administration",
        "Accord-Basis": "statute",
    }


def _schema() -> Any:
    from django.core.wsgi import get_wsgi_application

    return schemathesis.openapi.from_wsgi("/api/v1/openapi.json", get_wsgi_application())


SCHEMA = _schema()
if not DEEP:
    # The coverage phase sends hundreds of requests an operation: under make test-all alone.
    SCHEMA.config.phases.update(phases=["examples", "fuzzing", "stateful"])


@SCHEMA.parametrize()
@QUIET
def test_every_answer_is_one_that_the_document_names(case: Any, headers: dict[str, str]) -> None:
    case.call_and_validate(headers=_context(case, headers), checks=WANTED)


def _context(case: Any, headers: dict[str, str]) -> dict[str, str]:
    """The member's token always; the made-up context where the operation takes one, half the time."""
    made = {k: v for k, v in (case.headers or {}).items() if k.startswith("Accord-")}
    keep = zlib.crc32(case.path.encode()) % 2 == 0
    return headers | (made if keep else {})


def test_chains_of_requests_answer_as_the_document_says(headers: dict[str, str]) -> None:
    """Follows the links: what one operation made, the next asks for, changes and removes."""

    class Walk(SCHEMA.as_state_machine()):  # type: ignore[misc]  # made at run time
        def get_call_kwargs(self, case: Any) -> dict[str, Any]:
            return {"headers": headers}

        def validate_response(self, response: Any, case: Any, **more: Any) -> None:
            case.validate_response(response, checks=WANTED)

    Walk.run(
        settings=settings(
            max_examples=40 if DEEP else 2,
            stateful_step_count=8 if DEEP else 4,
            deadline=None,
            derandomize=not DEEP,
            suppress_health_check=list(HealthCheck),
        )
    )
