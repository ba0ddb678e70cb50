namespace Kdump.Diagnosis.Catalogue.Rules;

/// <summary>What the catalogue says of rules written by hand: the dump itself.</summary>
internal static class WritingEntries
{
    public static readonly Entry[] All =
    [
        new("makedumpfile-failed", "the program that writes the dump failed")
        {
            Area = Area.Writing,
            Signature =
            [
                "makedumpfile Failed.",
                "saving vmcore failed, exitcode:…",
                "readpage_elf: Attempt to read non-existent page at 0x…",
                "create_2nd_bitmap: Can't exclude unnecessary pages.",
                "makedumpfile failed, falling back to 'cp'",
            ],
            Cause = "makedumpfile does not know this kernel's structures (\"The kernel version is not supported\" alone is only a warning). Some versions exclude too much instead, silently, on kernels 6.2, 6.3, 6.6, 6.9, 6.10, 6.12 and 7.1: only reading the dump shows it.",
            Fixes =
            [
                new("A newer makedumpfile, and the image anew", "makedumpfile -v"),
                new("Until then core_collector makedumpfile -l -d 0", Risk: "the dump is as large as memory"),
                new("See whether a dump has holes", "kdt vmcore verify vmcore"),
            ],
            Origin = "makedumpfile.c; its commits f50c015, bad2a7c, 985e575, 9661c1d, 72c3414, 446c4f6 and 65bf4c9; Fedora CoreOS tracker issues 1698, 1588, 1523 and 1320",
        },
        new("no-space-on-target", "the dump target was full")
        {
            Area = Area.Writing,
            Signature = ["write_cache: Can't write the dump file(…). No space left on device"],
            Cause = "No blocks, or no inodes, were left; a fallback to cp writes all of memory.",
            Fixes = [new("Make room, and leave more out: -d 31", "df -h /var/crash; df -i /var/crash")],
            Origin = "makedumpfile.c write_buffer(); Debian kdump-config",
        },
        new("vmcore-incomplete", "the dump was not written to its end")
        {
            Area = Area.Writing,
            Signature =
            [
                "…/vmcore-incomplete, …/dump-incomplete",
                "\"If you see this text the crash dump is likely incomplete\"",
            ],
            Cause = "Writing began and did not end: an error, no space, a watchdog that reset the machine while it copied (its driver must be in the image), or power.",
            Fixes = [new("What is there can often be read", "kdt vmcore verify vmcore-incomplete")],
            Origin = "kdump-utils dracut/99kdumpbase/kdump.sh, Debian kdump-config, openSUSE kdump-save; kdump-utils commit d551516",
        },
        new("dump-saved", "the dump was written")
        {
            Area = Area.Writing,
            Signature =
            [
                "saving vmcore complete",
                "The dumpfile is saved to …",
            ],
            Cause = "All is well.",
            Origin = "kdump-utils dracut/99kdumpbase/kdump.sh, makedumpfile",
        },
    ];
}
