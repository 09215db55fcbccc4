"""Reads an archive of `docker save` and prints, as JSON, every path that one of its layers has."""

import json
import sys
import tarfile

paths = set()
with tarfile.open(fileobj=sys.stdin.buffer, mode="r|") as archive:
    for member in archive:
        if not member.isfile():
            continue
        try:
            with tarfile.open(fileobj=archive.extractfile(member), mode="r|*") as layer:
                paths.update("/" + entry.name.removeprefix("./").strip("/") for entry in layer)
        except tarfile.ReadError:
            pass  # Not a layer: a manifest or a configuration.
# To the last byte: who writes it may not know that an archive ends before its padding.
while sys.stdin.buffer.read(65536):
    pass
json.dump(sorted(paths), sys.stdout)
