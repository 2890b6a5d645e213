"""Every setting of a node, in one place: its name, its default, and what it does.

A setting is an environment variable, or a line of `accord.toml` in the data directory; the
environment wins. docs/reference/configuration.md holds `table()` and a test compares them.
"""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping, MutableMapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from accord.kernel.errors import InvalidInput

FILE = "accord.toml"
MOST_WEB_PROCESSES = 32
_LOOPBACK_NAMES = ("127.0.0.1", "localhost", "[::1]")


@dataclass(frozen=True)
class Setting:
    """One setting; `key` is its name in accord.toml, None where a file cannot hold it."""

    name: str
    key: str | None
    default: str
    does: str


SETTINGS = (
    Setting("ACCORD_DATA_DIR", None, "./.accord", "the data directory; `--data-dir` says the same"),
    Setting(
        "ACCORD_PUBLIC_URL", "public_url", "none",
        "the address that people use, `https://accord.example.org`: its host may be asked for, and"
        " with https cookies are secure, HSTS is sent and plain HTTP is refused",
    ),
    Setting(
        "ACCORD_HOSTS", "hosts", "loopback names, or the public URL's host",
        "host names that may be asked for, separated by commas (a list in the file)",
    ),
    Setting(
        "ACCORD_TLS", "tls", "0, or 1 with an https public URL",
        "`1` behind a proxy that ends TLS: as with an https public URL",
    ),
    Setting(
        "ACCORD_TRUSTED_PROXY", "trusted_proxy", "127.0.0.1",
        "the one address whose `X-Forwarded-For` and `X-Forwarded-Proto` are believed when TLS is"
        " on; those of everybody else are dropped",
    ),
    Setting(
        "ACCORD_HSTS_SECONDS", "hsts_seconds", "31536000",
        "how long browsers are told to use TLS alone; `0` sends no such header",
    ),
    Setting(
        "ACCORD_WEB_PROCESSES", "web_processes", "1",
        "how many processes serve pages and the API on the one port, 1 to 32; each takes some 200 MB"
        " and 16 connections to the database, and counts `ACCORD_API_RATE` for itself",
    ),
    Setting(
        "ACCORD_OPS_PORT", "ops_port", "0",
        "the loopback port of health, readiness and metrics for the operator; `0` is none",
    ),
    Setting(
        "ACCORD_LEAST_FREE_MB", "least_free_mb", "512",
        "free space on the data directory's disk below which the node says it is not ready",
    ),
    Setting(
        "ACCORD_QUICK_CHECK_REVIEW_PERCENT", "quick_check_review_percent", "10",
        "the share of quick checks that somebody of the agency reviews, in percent",
    ),
    Setting(
        "ACCORD_API_RATE", "api_rate", "600",
        "requests a minute for each API token; a member has half as many again over all tokens",
    ),
    Setting(
        "ACCORD_SIGN_IN_MISSES", "sign_in_misses", "30",
        "wrong answers in a quarter of an hour, at one door of sign-in from one address, after which"
        " whoever goes on there is slowed down",
    ),
    Setting(
        "ACCORD_WEBHOOK_NETWORKS", "webhook_networks", "none",
        "private networks that webhooks may go to, as `10.1.0.0/16`, separated by commas",
    ),
    Setting(
        "ACCORD_REREAD_MB_S", "reread_mb_s", "20",
        "at how many megabytes a second stored files are read again at most",
    ),
    Setting(
        "ACCORD_REREAD_DAYS", "reread_days", "30",
        "after how many days a stored file is read again",
    ),
    Setting(
        "ACCORD_WEBHOOK_KEPT_DAYS", "webhook_kept_days", "30",
        "days after which webhook messages that arrived or were given up are removed; at least 1",
    ),
    Setting(
        "ACCORD_TSA_URL", "tsa_url", "none",
        "a timestamp authority (RFC 3161) that dates the ledger's heads, at most one each ten"
        " minutes; the worker asks it, never a request",
    ),
    Setting(
        "ACCORD_TSA_CERT", "tsa_cert", "none",
        "a PEM file with that authority's certificate and those that it leads up to; with it a token"
        " is kept only where its signature holds",
    ),
    Setting(
        "ACCORD_LEDGER_POLICY", "ledger_policy", "`ledger.policy` in the data directory",
        "the file that says which agencies' cosigners a head of the ledger needs; none there, none"
        " needed",
    ),
    Setting(
        "ACCORD_TLOG_STORE", "tlog_store", "the folder `tlog` in the data directory",
        "where the ledger is published: `s3://BUCKET/PREFIX`, with the usual `AWS_` variables",
    ),
    Setting(
        "ACCORD_OBJECT_STORE", "object_store", "the folder `objects` of the data directory",
        "where the encrypted files of exhibits are kept, as `s3://bucket/prefix`; region, endpoint"
        " and credentials come from the usual variables (`AWS_REGION`, `AWS_ENDPOINT`,"
        " `AWS_ACCESS_KEY_ID` ...). The bucket must not be emptied by a lifecycle rule",
    ),
    Setting(
        "ACCORD_PDF_FONTS", "pdf_fonts", "none",
        "font files (TrueType or OpenType), separated by `:` (`;` on Windows), for scripts that DejaVu"
        " Sans has no letters for, such as Chinese; used in the PDFs of bundles",
    ),
    Setting(
        "ACCORD_LARGEST_FILE_GB", "largest_file_gb", "1024",
        "the largest file of an exhibit, in gigabytes (10^9 bytes)",
    ),
    Setting(
        "ACCORD_EVIDENCE_QUOTA_GB", "evidence_quota_gb", "0",
        "how much one agency may keep in exhibits and uploads, in gigabytes; `0` sets no limit",
    ),
    Setting(
        "ACCORD_UPLOADS_AT_ONCE", "uploads_at_once", "20",
        "how many unfinished uploads one member may have",
    ),
    Setting(
        "ACCORD_UPLOAD_DAYS", "upload_days", "7",
        "days without a new byte after which an unfinished upload is removed; at least 1",
    ),
    Setting(
        "ACCORD_DATABASE_URL", None, "none",
        "an administrator's URL of a PostgreSQL 15 or later that somebody else runs; Accord makes"
        " its database and roles there and starts no server. It holds a password: environment only",
    ),
    Setting(
        "ACCORD_PG_BIN", "pg_bin", "none",
        "a folder with PostgreSQL's programs, instead of those of the wheel; read when a data"
        " directory is made, and for copies of a server that somebody else runs",
    ),
)  # fmt: skip


def load_file(data_dir: Path, environment: MutableMapping[str, str] = os.environ) -> None:
    """Put the settings of the data directory's file into the environment where it has none.

    Raises InvalidInput for a key that is no setting or a value that is no text, number or list.
    """
    place = data_dir / FILE
    try:
        said = tomllib.loads(place.read_text("utf-8"))
    except (FileNotFoundError, NotADirectoryError):
        return
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise InvalidInput(str(place), None, "", f"is no TOML: {error}") from error
    names = {s.key: s.name for s in SETTINGS if s.key}
    for key, value in said.items():
        if key not in names:
            raise InvalidInput(str(place), None, key, f"is no setting; known: {', '.join(names)}")
        environment.setdefault(names[key], _text(place, key, value))


def _text(place: Path, key: str, value: object) -> str:
    match value:
        case bool():
            return "1" if value else "0"
        case str() | int():
            return str(value)
        case list() if all(isinstance(item, str) for item in value):
            return ",".join(value)
    raise InvalidInput(str(place), None, key, "must be text, a whole number, true, false or a list")


def table() -> str:
    """The settings as the table of the reference page."""
    lines = ["| variable | in `accord.toml` | default | does |", "| --- | --- | --- | --- |"]
    for s in SETTINGS:
        key = f"`{s.key}`" if s.key else "-"
        lines.append(f"| `{s.name}` | {key} | {s.default} | {s.does} |")
    return "\n".join(lines)


@dataclass(frozen=True)
class Web:
    """How the node is reached."""

    tls: bool
    hosts: tuple[str, ...]
    trusted_proxy: str
    hsts_seconds: int


def web(environment: Mapping[str, str] = os.environ) -> Web:
    """Read how the node is reached; raises InvalidInput, naming the setting, for what cannot be."""
    url = environment.get("ACCORD_PUBLIC_URL", "")
    parts = urlsplit(url)
    if url and (
        parts.scheme not in ("http", "https") or not parts.hostname or parts.path.strip("/")
    ):
        raise _wrong("ACCORD_PUBLIC_URL", "must be http:// or https:// and a host, without a path")
    tls = _flag(environment, "ACCORD_TLS", parts.scheme == "https")
    if parts.scheme == "https" and not tls:
        raise _wrong("ACCORD_TLS", "cannot be 0 when ACCORD_PUBLIC_URL is https")
    asked = environment.get("ACCORD_HOSTS", "")
    hosts = [name.strip() for name in asked.split(",") if name.strip()]
    if "*" in hosts:
        raise _wrong("ACCORD_HOSTS", "cannot be *: name the hosts")
    if parts.hostname:
        hosts.append(parts.hostname)
    if not hosts or parts.hostname:
        hosts += _LOOPBACK_NAMES
    return Web(
        tls=tls,
        hosts=tuple(dict.fromkeys(hosts)),
        trusted_proxy=environment.get("ACCORD_TRUSTED_PROXY", "127.0.0.1"),
        hsts_seconds=number("ACCORD_HSTS_SECONDS", 31_536_000, environment) if tls else 0,
    )


def public_url(environment: Mapping[str, str] = os.environ) -> str:
    """The address that people use, without a slash at its end; empty where none is set."""
    return environment.get("ACCORD_PUBLIC_URL", "").rstrip("/")


def timestamp_url(environment: Mapping[str, str] = os.environ) -> str:
    """Where heads are stamped; empty where nowhere. Raises InvalidInput for what is no address."""
    url = environment.get("ACCORD_TSA_URL", "")
    parts = urlsplit(url)
    if url and (parts.scheme not in ("http", "https") or not parts.hostname):
        raise _wrong("ACCORD_TSA_URL", "must be http:// or https:// and a host")
    return url


def pdf_fonts(environment: Mapping[str, str] = os.environ) -> tuple[Path, ...]:
    """Font files beside the one that Accord brings; raises InvalidInput for one that is not there."""
    said = environment.get("ACCORD_PDF_FONTS", "")
    files = tuple(Path(each) for each in said.split(os.pathsep) if each)
    if any(not file.is_file() for file in files):
        raise _wrong("ACCORD_PDF_FONTS", "must name font files that are there")
    return files


def timestamp_certificates(environment: Mapping[str, str] = os.environ) -> str:
    """The file with the timestamp authority's certificates; empty where none is set.

    Raises InvalidInput for one that cannot be read.
    """
    name = environment.get("ACCORD_TSA_CERT", "")
    if name and not os.access(name, os.R_OK):
        raise _wrong("ACCORD_TSA_CERT", "must name a PEM file that can be read")
    return name


def number(name: str, default: int, environment: Mapping[str, str] = os.environ) -> int:
    """A whole number of 0 or more."""
    said = environment.get(name, str(default))
    if not said.isascii() or not said.isdigit():
        raise _wrong(name, "must be a whole number of 0 or more")
    return int(said)


def web_processes(environment: Mapping[str, str] = os.environ) -> int:
    """How many processes serve pages; raises InvalidInput unless it is 1 to 32."""
    found = number("ACCORD_WEB_PROCESSES", 1, environment)
    if not 1 <= found <= MOST_WEB_PROCESSES:
        raise _wrong("ACCORD_WEB_PROCESSES", f"must be 1 to {MOST_WEB_PROCESSES}")
    return found


def _flag(environment: Mapping[str, str], name: str, default: bool) -> bool:
    said = environment.get(name, "1" if default else "0")
    if said not in ("0", "1"):
        raise _wrong(name, "must be 0 or 1")
    return said == "1"


def _wrong(name: str, rule: str) -> InvalidInput:
    return InvalidInput("configuration", None, name, rule)
