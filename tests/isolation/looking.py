"""What members see of the node of one data directory, as one line of JSON.

    python tests/isolation/looking.py DATA_DIR

Run in a process of its own, since Django works on one data directory for a process.
"""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path

MEMBERS = {
    "harlan-so.c.boone": ("human-trafficking-investigation", "HT-2026-014"),
    "safe-harbor.i.moreau": ("victim-protection", "HT-2026-014"),
}
DRAWN = re.compile(
    rb'name="csrfmiddlewaretoken" value="[A-Za-z0-9]+"|<p>Printed by [^<]*'
    rb'|<dt>Entries</dt>.*?(?=id="proves")',
    re.DOTALL,
)


def main(data_dir: Path) -> None:
    """Sign in as each member, walk the lists and every record that they lead to."""
    from accord.platform.db import launcher
    from accord.platform.setup import django_setup

    launcher.ensure_running(data_dir)
    django_setup(data_dir, demo=True)
    from django.test import Client

    from accord.agencies.actions import create_signin_link

    seen: dict[str, list[object]] = {}
    for member, (purpose, case) in MEMBERS.items():
        client = Client()
        signed_in = client.post(create_signin_link(member))
        assert signed_in.status_code == 303, signed_in.status_code
        work = f"/w/{purpose}/statute/{case}"
        paths = ["/agreements/", "/cases/", "/statements/", "/obligations/", f"{work}/records/"]
        listed = client.get(paths[-1]).content.decode()
        paths += sorted(set(re.findall(rf"{work}/records/[0-9a-f-]{{36}}(?=[\"?])", listed)))[:12]
        for path in paths:
            answer = client.get(path)
            text = DRAWN.sub(b"", answer.content).decode()
            seen[f"{member} {path}"] = [answer.status_code, text]
    sys.stdout.write(json.dumps(seen))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
