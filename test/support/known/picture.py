"""Writes a real little PNG of one colour to standard output: picture.py RED GREEN BLUE."""

import struct
import sys
import zlib

SIDE = 32


def chunk(kind: bytes, data: bytes) -> bytes:
    checksum = zlib.crc32(kind + data)
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", checksum)


colour = bytes(int(word) for word in sys.argv[1:4])
header = struct.pack(">IIBBBBB", SIDE, SIDE, 8, 2, 0, 0, 0)
rows = (b"\0" + colour * SIDE) * SIDE
sys.stdout.buffer.write(
    b"\x89PNG\r\n\x1a\n"
    + chunk(b"IHDR", header)
    + chunk(b"IDAT", zlib.compress(rows))
    + chunk(b"IEND", b"")
)
