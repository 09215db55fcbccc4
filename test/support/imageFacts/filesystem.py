"""Describes a filesystem that lies unpacked in a folder, as JSON: filesystem.py FOLDER.

A list of entries in no particular order, each with its path from the folder on (the folder itself is
left out), what lstat says of it, and the SHA-256 of a file's content.
"""

import hashlib
import json
import os
import stat
import sys


def kind_of(mode: int) -> str:
    for kind, is_kind in (("file", stat.S_ISREG), ("directory", stat.S_ISDIR), ("symlink", stat.S_ISLNK)):
        if is_kind(mode):
            return kind
    return "other"


def digest(path: str) -> str:
    with open(path, "rb") as file:
        return hashlib.sha256(file.read()).hexdigest()


def describe(root: str, path: str) -> dict:
    found = os.lstat(path)
    kind = kind_of(found.st_mode)
    return {
        "path": path[len(root):],
        "kind": kind,
        "bytes": found.st_size if kind == "file" else 0,
        "mode": stat.S_IMODE(found.st_mode),
        "uid": found.st_uid,
        "gid": found.st_gid,
        "modifiedAt": int(found.st_mtime) * 1000,
        "linkTarget": os.readlink(path) if kind == "symlink" else None,
        "sha256": digest(path) if kind == "file" else None,
        "inode": found.st_ino,
        "links": found.st_nlink,
    }


root = sys.argv[1].rstrip("/")
entries = []
for folder, folders, files in os.walk(root):
    for name in folders + files:
        entries.append(describe(root, os.path.join(folder, name)))
json.dump(entries, sys.stdout, ensure_ascii=True)
