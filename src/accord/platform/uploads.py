"""Uploads stay in memory up to a limit; nothing that somebody sends lands on disk in clear."""

from __future__ import annotations

import io
from typing import Any

from django.core.exceptions import RequestDataTooBig
from django.core.files.uploadedfile import InMemoryUploadedFile, UploadedFile
from django.core.files.uploadhandler import FileUploadHandler

LARGEST_UPLOAD_BYTES = 64 * 1024 * 1024


class LimitedMemoryUpload(FileUploadHandler):
    """Keep an upload in memory and refuse one that is larger than the limit, before it is read."""

    def handle_raw_input(
        self,
        input_data: Any,
        META: dict[str, Any],
        content_length: int,
        boundary: Any,
        encoding: Any = None,
    ) -> None:
        """Raise RequestDataTooBig for a request that announces too much."""
        if content_length > LARGEST_UPLOAD_BYTES:
            raise RequestDataTooBig(
                f"A file sent through the browser may hold {LARGEST_UPLOAD_BYTES // 2**20} MiB; "
                "`accord import` takes larger ones."
            )

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        """Begin one file of the request."""
        super().new_file(*args, **kwargs)
        self.received = io.BytesIO()

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        """Take a chunk; a request may announce less than it sends."""
        if start + len(raw_data) > LARGEST_UPLOAD_BYTES:
            raise RequestDataTooBig("The file is larger than the request announced.")
        self.received.write(raw_data)

    def file_complete(self, file_size: int) -> UploadedFile[bytes]:
        """Hand over the whole file."""
        self.received.seek(0)
        return InMemoryUploadedFile(
            file=self.received,
            field_name=self.field_name,
            name=self.file_name,
            content_type=self.content_type,
            size=file_size,
            charset=self.charset,
            content_type_extra=self.content_type_extra,
        )
