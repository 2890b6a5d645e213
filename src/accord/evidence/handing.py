"""Hand out what was taken: under one of the places for slow readers, with what the answer says."""

from __future__ import annotations

from collections.abc import Iterable
from urllib.parse import quote
from uuid import UUID

from django.http import StreamingHttpResponse

from accord.platform.downloads import Place


def download(
    place: Place, pieces: Iterable[bytes], media_type: str, *, name: str, entry: UUID, stamp: str
) -> StreamingHttpResponse:
    """A file on its way out; the answer names its entry in the ledger and how it is to be handled."""
    response = StreamingHttpResponse(place.through(pieces), media_type)
    response.headers["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(name, safe='')}"
    response.headers["Accord-Ledger-Entry"] = str(entry)
    response.headers["Accord-Handling"] = quote(stamp)
    return response
