"""Which kinds of file there are: their media types, what reads them, and how their names end."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from accord.evidence.reading.oneline import turns
from accord.kernel.phrases import Phrase, phrase


class Family(StrEnum):
    """What a kind of file is read as."""

    PICTURE = "picture"
    PDF = "pdf"
    OFFICE = "office"
    SHEET = "sheet"
    MAIL = "mail"
    WEB = "web"
    TEXT = "text"
    SOUND = "sound"
    FILM = "film"
    ARCHIVE = "archive"
    OTHER = "other"


@dataclass(frozen=True)
class Kind:
    """One kind of file."""

    name: str
    media_type: str
    family: Family
    endings: tuple[str, ...]
    """How names of such files end, without the dot; the first is the usual one."""
    demuxer: str = ""
    """The name that FFmpeg has for what reads it."""


_TEXT_ENDINGS = (
    "txt", "csv", "tsv", "log", "md", "json", "jsonl", "xml", "yaml", "yml", "ini", "vcf", "ics",
    "srt", "py", "js", "sh", "bat", "ps1", "sql", "gpx", "kml",
)  # fmt: skip
_OOXML = "application/vnd.openxmlformats-officedocument."
_ODF = "application/vnd.oasis.opendocument."

_ALL = (
    Kind("jpeg", "image/jpeg", Family.PICTURE, ("jpg", "jpeg", "jpe", "jfif", "mpo")),
    Kind("png", "image/png", Family.PICTURE, ("png", "apng")),
    Kind("gif", "image/gif", Family.PICTURE, ("gif",)),
    Kind("webp", "image/webp", Family.PICTURE, ("webp",)),
    Kind("tiff", "image/tiff", Family.PICTURE, ("tif", "tiff", "dng", "nef", "cr2", "arw")),
    Kind("bmp", "image/bmp", Family.PICTURE, ("bmp", "dib")),
    Kind("jp2", "image/jp2", Family.PICTURE, ("jp2", "j2k", "jpx")),
    Kind("avif", "image/avif", Family.PICTURE, ("avif",)),
    Kind("heic", "image/heic", Family.PICTURE, ("heic", "heif", "hif")),
    Kind("svg", "image/svg+xml", Family.TEXT, ("svg",)),
    Kind("pdf", "application/pdf", Family.PDF, ("pdf",)),
    Kind("docx", f"{_OOXML}wordprocessingml.document", Family.OFFICE, ("docx", "docm", "dotx")),
    Kind("pptx", f"{_OOXML}presentationml.presentation", Family.OFFICE, ("pptx", "pptm", "ppsx")),
    Kind("xlsx", f"{_OOXML}spreadsheetml.sheet", Family.SHEET, ("xlsx", "xlsm")),
    Kind("odt", f"{_ODF}text", Family.OFFICE, ("odt", "ott")),
    Kind("odp", f"{_ODF}presentation", Family.OFFICE, ("odp",)),
    Kind("xls", "application/vnd.ms-excel", Family.SHEET, ("xls", "xlt")),
    Kind("doc", "application/msword", Family.OTHER, ("doc", "dot")),
    Kind("ppt", "application/vnd.ms-powerpoint", Family.OTHER, ("ppt", "pps")),
    Kind("ods", f"{_ODF}spreadsheet", Family.SHEET, ("ods",)),
    Kind("msg", "application/vnd.ms-outlook", Family.MAIL, ("msg",)),
    Kind("eml", "message/rfc822", Family.MAIL, ("eml",)),
    Kind("mbox", "application/mbox", Family.MAIL, ("mbox",)),
    Kind("html", "text/html", Family.WEB, ("html", "htm", "xhtml", "mht")),
    Kind("text", "text/plain", Family.TEXT, _TEXT_ENDINGS),
    Kind("rtf", "application/rtf", Family.OTHER, ("rtf", "doc")),
    Kind("ole", "application/x-ole-storage", Family.OTHER, ("msi", "doc", "xls", "ppt")),
    Kind("zip", "application/zip", Family.ARCHIVE, ("zip", "jar", "apk", "epub", "ufdr", "kmz")),
    Kind("gzip", "application/gzip", Family.OTHER, ("gz", "tgz")),
    Kind("7z", "application/x-7z-compressed", Family.OTHER, ("7z",)),
    Kind("rar", "application/vnd.rar", Family.OTHER, ("rar",)),
    Kind("tar", "application/x-tar", Family.OTHER, ("tar",)),
    Kind("sqlite", "application/vnd.sqlite3", Family.OTHER, ("db", "sqlite", "sqlite3")),
    Kind("program", "application/octet-stream", Family.OTHER, ("exe", "dll", "so", "dylib", "scr")),
    Kind("wav", "audio/wav", Family.SOUND, ("wav", "wave"), "wav"),
    Kind("mp3", "audio/mpeg", Family.SOUND, ("mp3",), "mp3"),
    Kind("flac", "audio/flac", Family.SOUND, ("flac",), "flac"),
    Kind("ogg", "audio/ogg", Family.SOUND, ("ogg", "oga", "opus", "ogv"), "ogg"),
    Kind("aac", "audio/aac", Family.SOUND, ("aac",), "aac"),
    Kind("amr", "audio/amr", Family.SOUND, ("amr",), "amr"),
    Kind("aiff", "audio/aiff", Family.SOUND, ("aiff", "aif", "aifc"), "aiff"),
    Kind("m4a", "audio/mp4", Family.SOUND, ("m4a", "m4b"), "mov"),
    Kind("mp4", "video/mp4", Family.FILM, ("mp4", "m4v", "3gp", "3g2"), "mov"),
    Kind("mov", "video/quicktime", Family.FILM, ("mov", "qt"), "mov"),
    Kind("matroska", "video/x-matroska", Family.FILM, ("mkv", "webm", "mka"), "matroska"),
    Kind("avi", "video/x-msvideo", Family.FILM, ("avi",), "avi"),
    Kind("asf", "video/x-ms-asf", Family.FILM, ("wmv", "wma", "asf"), "asf"),
    Kind("mpeg", "video/mpeg", Family.FILM, ("mpg", "mpeg", "vob"), "mpeg"),
    Kind("mpegts", "video/mp2t", Family.FILM, ("ts", "mts", "m2ts"), "mpegts"),
    Kind("flv", "video/x-flv", Family.FILM, ("flv",), "flv"),
    Kind("unknown", "application/octet-stream", Family.OTHER, ()),
)
KINDS = {kind.name: kind for kind in _ALL}
UNKNOWN = KINDS["unknown"]


def mismatch(name: str, kind: Kind) -> Phrase | None:
    """Why a file's name misleads about its content, or None where it does not."""
    if turns(name):
        return phrase(
            "The name has characters that change its direction, so it may read otherwise "
            "than it ends."
        )
    ending = name.rpartition(".")[2].lower() if "." in name else ""
    claimed = [each for each in _ALL if ending in each.endings]
    if not claimed or kind in claimed:
        return None
    return phrase(
        "The name ends as that of a file of type %(named)s, but the content is of type %(found)s.",
        named=claimed[0].name,
        found=kind.name,
    )
