#!/usr/bin/env python
"""Writes what Accord is made of as CycloneDX 1.6 JSON, from a lock file.

    python dev/sbom.py [requirements/run.txt] [sbom.cdx.json]

Names, versions and hashes are those of the lock file; licences those that the installed packages
state. A package that is locked for another platform and not installed here stands without licence.
Every licence must be one of ALLOWED (the exit code is 1 otherwise): permissive ones, and the weak
copyleft ones that bind only changes to the package itself. None of AGPL, GPL, SSPL, BUSL, but for
what EXCEPTED names with its reason.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

from cyclonedx.model import HashAlgorithm, HashType
from cyclonedx.model.bom import Bom
from cyclonedx.model.component import Component, ComponentType
from cyclonedx.model.license import DisjunctiveLicense
from cyclonedx.output.json import JsonV1Dot6
from packageurl import PackageURL

ROOT = Path(__file__).parents[1]
ALLOWED = frozenset({
    "0BSD", "Apache-2.0", "BSD-2-Clause", "BSD-3-Clause", "CC0-1.0", "CNRI-Python", "HPND", "ISC",
    "LGPL-3.0-only", "MIT", "MIT-0", "MIT-CMU", "MPL-2.0", "PSF-2.0", "PostgreSQL", "Unlicense",
    "W3C-20150513", "ZPL-2.1", "Zlib",
})  # fmt: skip
"""LGPL-3.0-only is of psycopg, fpdf2 and pi-heif's codecs: unchanged and replaceable, as it asks."""
SAID = {
    "apache 2.0": "Apache-2.0", "apache license 2.0": "Apache-2.0",
    "apache software license": "Apache-2.0",
    "apache license, version 2.0": "Apache-2.0", "apache-2.0 license": "Apache-2.0",
    "bsd": "BSD-3-Clause", "bsd license": "BSD-3-Clause", "3-clause bsd license": "BSD-3-Clause",
    "isc license (iscl)": "ISC", "isc license": "ISC",
    "mit license": "MIT", "the mit license (mit)": "MIT",
    "gnu lesser general public license v3 (lgplv3)": "LGPL-3.0-only", "mpl 2.0": "MPL-2.0",
    "mozilla public license 2.0 (mpl 2.0)": "MPL-2.0", "python software foundation license": "PSF-2.0",
    "zope public license": "ZPL-2.1", "zpl 2.1": "ZPL-2.1", "the unlicense (unlicense)": "Unlicense",
}  # fmt: skip
"""How packages say it, in lower case, and the identifier of SPDX."""
IN_ITS_FILE = {"axe-playwright-python": "MIT", "cedarpy": "Apache-2.0"}
"""Packages that state no licence in their metadata and bring its text (read on 28 November 2026)."""
READ = {
    "pypdfium2": ["Apache-2.0", "BSD-3-Clause"],
    "av": ["BSD-3-Clause", "LGPL-3.0-or-later", "GPL-2.0-or-later"],
}
"""Packages that name the licences of what they bring in words of their own. The texts in the wheel of
pypdfium2 were read on 29 November 2026: AGG 2.3, FreeType (FTL), HarfBuzz, ICU, LCMS, libjpeg-turbo,
libpng, libtiff, OpenJPEG, zlib and the like, all permissive. The wheel of av (read on 30 November 2026)
holds FFmpeg, which says of itself that it is under LGPL 3 or later, with libx264 and libx265, which are
under GPL 2 or later, whatever the metadata says."""
EXCEPTED = {"av": {"LGPL-3.0-or-later", "GPL-2.0-or-later"}}
"""Licences that one package alone may have, by decision 0001: it is loaded by the confined process
that reads sound and film, and Accord passes no copy of it on."""
_LOCKED = re.compile(r"^(?P<name>[A-Za-z0-9._-]+)(?:\[[^]]*\])?==(?P<version>[^\s;\\]+)")


@dataclass(frozen=True)
class Locked:
    """One package of a lock file."""

    name: str
    version: str
    sha256: tuple[str, ...]


def locked(file: Path) -> Iterator[Locked]:
    """Every package of a lock file, with the hashes of its wheels."""
    text = file.read_text("utf-8").replace("\\\n", " ")
    for line in text.splitlines():
        if found := _LOCKED.match(line):
            yield Locked(found["name"], found["version"], tuple(re.findall(r"sha256:(\w+)", line)))


def licences(name: str) -> list[str] | None:
    """The SPDX identifiers that an installed package states; None where it is not installed."""
    try:
        said = metadata.metadata(name)
    except metadata.PackageNotFoundError:
        return None
    if name in READ:
        return READ[name]
    if expression := said.get("License-Expression"):
        return [word for word in re.split(r"\s+(?:AND|OR)\s+|[()]", expression) if word]
    classified = [
        line.rpartition(" :: ")[2]
        for line in said.get_all("Classifier", [])
        if line.startswith("License :: ") and not line.endswith("OSI Approved")
    ]
    free = (said.get("License") or "").strip()
    words = [free] if free and len(free) < 60 else []
    names = classified or words
    if not names and name in IN_ITS_FILE:
        return [IN_ITS_FILE[name]]
    return [SAID.get(word.lower(), word) for word in names]


def refused(file: Path) -> dict[str, list[str]]:
    """Packages that state a licence that is not allowed, or none at all."""
    found = {}
    for package in locked(file):
        said = licences(package.name)
        allowed = ALLOWED | EXCEPTED.get(package.name, frozenset())
        if said is not None and (not said or not set(said) <= allowed):
            found[package.name] = said
    return found


def bom(file: Path) -> Bom:
    """The bill of materials of a lock file."""
    made = Bom()
    made.metadata.component = Component(
        name="accord",
        version=metadata.version("accord"),
        type=ComponentType.APPLICATION,
        licenses=[DisjunctiveLicense(id="Apache-2.0")],
    )
    parts = [
        Component(
            name=package.name,
            version=package.version,
            type=ComponentType.LIBRARY,
            purl=PackageURL("pypi", name=package.name, version=package.version),
            hashes=[HashType(alg=HashAlgorithm.SHA_256, content=h) for h in package.sha256],
            licenses=[DisjunctiveLicense(name=n) for n in licences(package.name) or ()],
        )
        for package in locked(file)
    ]
    made.components.update(parts)
    made.register_dependency(made.metadata.component, parts)
    return made


def main(arguments: list[str]) -> int:
    """Write the bill, and refuse what may not be in it."""
    source = Path(arguments[0]) if arguments else ROOT / "requirements" / "run.txt"
    target = Path(arguments[1]) if arguments[1:] else ROOT / "sbom.cdx.json"
    wrong = refused(source)
    for name, said in wrong.items():
        print(f"{name}: {', '.join(said) or 'states no licence'}: not allowed", file=sys.stderr)
    if wrong:
        return 1
    target.write_text(JsonV1Dot6(bom(source)).output_as_string(indent=1) + "\n", "utf-8")
    print(f"Written: {target}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
