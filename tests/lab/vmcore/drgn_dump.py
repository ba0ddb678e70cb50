"""What the programs that compare kdt's views with drgn share: the dump opened, and differences counted and printed."""
import collections
import drgn


def open_dump(vmcore, vmlinux):
    """The dump as a drgn program. Modules without debug information are no reason to stop."""
    prog = drgn.Program()
    prog.set_core_dump(vmcore)
    try:
        prog.load_debug_info([vmlinux])
    except drgn.MissingDebugInfoError:
        pass
    return prog


class Comparison:
    """Counts what was compared, by the first word of its name, and prints the first differences."""
    MOST = 60

    def __init__(self):
        self.differences = 0
        self.compared = collections.Counter()

    def same(self, what, ours, theirs):
        self.compared[what.split(" ")[0]] += 1
        if ours != theirs:
            self.differences += 1
            if self.differences <= self.MOST:
                print(f"{what}: {ours} / drgn {theirs}")
