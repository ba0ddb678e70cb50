#!/usr/bin/env python3
"""A real dump's pages in snappy, for makedumpfiles that are built without it: recompress.py DUMP OUT   (DUMP: kdump-compressed, zlib or plain)

Headers, bitmaps and the order of pages stay; descriptors point to the new bytes. A page that snappy cannot make smaller is stored plain,
as makedumpfile does.
"""
import ctypes, struct, sys, zlib

snappy = ctypes.CDLL("libsnappy.so.1")
data = bytearray(open(sys.argv[1], "rb").read())
status, block, sub, bitmaps = struct.unpack_from("<IiII", data, 424)
descriptors = (1 + sub + bitmaps) * block
half = bitmaps // 2 * block
count = sum(b.bit_count() for b in data[descriptors - half:descriptors])
struct.pack_into("<I", data, 424, status & ~7 | 4)
out, at, done = bytearray(), descriptors + 24 * count, {}
room = ctypes.create_string_buffer(snappy.snappy_max_compressed_length(block))
for i in range(count):
    offset, size, flags, page_flags = struct.unpack_from("<qIIQ", data, descriptors + 24 * i)
    if offset not in done:
        page = bytes(data[offset:offset + size])
        if flags & 1:
            page = zlib.decompress(page)
        elif flags & 0x26:
            sys.exit("neither zlib nor plain")
        length = ctypes.c_size_t(len(room))
        if snappy.snappy_compress(page, ctypes.c_size_t(len(page)), room, ctypes.byref(length)):
            sys.exit("snappy failed")
        new = (room.raw[:length.value], 4) if length.value < block else (page, 0)
        done[offset] = at + len(out), len(new[0]), new[1]
        out += new[0]
    struct.pack_into("<qIIQ", data, descriptors + 24 * i, *done[offset], page_flags)
open(sys.argv[2], "wb").write(data[:at] + out)
