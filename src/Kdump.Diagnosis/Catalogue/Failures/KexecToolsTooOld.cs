namespace Kdump.Diagnosis.Catalogue.Failures;

internal static class KexecToolsTooOld
{
    public static readonly Failure Entry = new("kexec-tools-too-old", "kexec met relocation {1}, which it does not know")
    {
        Area = Area.Preparing,
        Signs = ["Unhandled rela relocation: {w}"],
        In = Life.First,
        Explains = ["kexec-load-rejected"],
        Cause = "The part of kexec that runs between the two kernels " +
            "(purgatory) was built with a newer compiler or binutils than this kexec can relocate.",
        Fixes = [new("Install newer kexec-tools", "kexec --version")],
        Origin = "kexec-tools kexec/arch/x86_64/kexec-elf-rel-x86_64.c; kdump-utils commit 00da171",
    };
}
