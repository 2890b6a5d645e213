"""The cosigners of three agencies of the demo world, and the policy that two of them must vouch.

Each is `accord cosign` in a folder of its own, as an agency would run it on a machine of its own.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from accord.cosign.state import Folder
from accord.platform import supervisor
from accord.platform.files import private_folder, write_private
from accord.platform.supervisor import Service

AGENCIES = ("riverbend-pd", "harlan-so", "state-bi")
NEEDED = 2
FOLDER = "cosigners"
FIRST_PORT = 8480


@contextmanager
def cosigners(data_dir: Path) -> Iterator[list[Service]]:
    """The processes to run beside the node; none where the operator names a policy of their own."""
    from accord.ledger import keys, quorum

    if os.environ.get(quorum.SETTING):
        yield []
        return
    log, services = keys.public_key(data_dir).text, list[Service]()
    lines = ["# Made at each start of the demo.", f"log {log}"]
    with ExitStack() as stack:
        for agency in AGENCIES:
            folder = _folder(private_folder(data_dir / FOLDER) / agency, agency, log)
            listener = stack.enter_context(supervisor.listen("127.0.0.1", FIRST_PORT))
            number, port = listener.fileno(), listener.getsockname()[1]
            arguments = (str(folder.path), str(number))
            services.append(
                Service(f"cosigner-{agency}", "accord.cosign.server", arguments, (number,))
            )
            key = folder.key().cosigner.text
            lines.append(f"witness {agency} {key} http://127.0.0.1:{port}")
        lines += [f"group agencies {NEEDED} {' '.join(AGENCIES)}", "quorum agencies", ""]
        write_private(data_dir / quorum.FILE, "\n".join(lines))
        yield services


def _folder(path: Path, agency: str, log: str) -> Folder:
    folder = Folder(path)
    if not (path / "key").exists():
        folder.create(f"{agency}.example/cosigner")
    folder.trust(log)
    return folder
