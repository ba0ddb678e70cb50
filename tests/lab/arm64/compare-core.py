# compare-core.py CORE PROGRAM...: every page of a core's executable segments beside the file that it was mapped from; status 0 when all equal
import struct
import sys

PAGE = 4096
core = open(sys.argv[1], 'rb').read()
programs = [open(name, 'rb').read() for name in sys.argv[2:]]
segments, count = struct.unpack_from('<Q', core, 32)[0], struct.unpack_from('<H', core, 56)[0]
same = other = 0
for i in range(count):
    kind, flags, offset, _, _, size, _, _ = struct.unpack_from('<IIQQQQQQ', core, segments + 56 * i)
    if kind != 1 or not flags & 1 or size < 16 * PAGE:
        continue
    text = core[offset:offset + size]
    found = [(p, p.find(text[:64])) for p in programs if text[:64] in p]
    if not found:
        continue
    program, start = found[0]
    for at in range(0, size, PAGE):
        equal = text[at:at + PAGE] == program[start + at:start + at + PAGE]
        same, other = same + equal, other + (not equal)
print(f'{same} pages equal, {other} not')
sys.exit(0 if same > 0 and other == 0 else 1)
