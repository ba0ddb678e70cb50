#!/usr/bin/env python3
"""plain-kernel.py FILE OUT: the arm64 Image inside FILE: of a section .linux (unified kernel image), of EFI zboot, or FILE itself."""
import struct, subprocess, sys

data = open(sys.argv[1], "rb").read()
if data[:2] == b"MZ" and data[56:60] != b"ARM\x64":
    pe, = struct.unpack_from("<I", data, 60)
    count, = struct.unpack_from("<H", data, pe + 6)
    optional, = struct.unpack_from("<H", data, pe + 20)
    for row in range(pe + 24 + optional, pe + 24 + optional + 40 * count, 40):
        size, _, stored, at = struct.unpack_from("<IIII", data, row + 8)
        if data[row:row + 8].rstrip(b"\0") == b".linux":
            data = data[at:at + min(size, stored)]
            break
if data[4:8] == b"zimg":
    at, size = struct.unpack_from("<II", data, 8)
    tool = {b"zstd": ["zstd", "-qdc"], b"gzip": ["gzip", "-dc"], b"xzki": ["xz", "-dc"]}[data[24:56].split(b"\0")[0][:4]]
    data = subprocess.run(tool, input=data[at:at + size], stdout=subprocess.PIPE, check=True).stdout
if data[56:60] != b"ARM\x64":
    sys.exit("no arm64 Image in it")
open(sys.argv[2], "wb").write(data)
