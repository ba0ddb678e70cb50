namespace Kdump.Diagnosis.Catalogue.Failures;

internal static class InitramfsLacksProgram
{
    public static readonly Failure Entry = new("initramfs-lacks-program", "the initramfs lacks {2}, which its init calls")
    {
        Area = Area.Crashing,
        Signs = [new Sign("/init: line {w}: {e}: not found", "/init: line {w}: {e}: command not found", "/init: {w}: {e}: not found")],
        Unless = "Attempted to kill init!",
        Holds = taken => taken.Count > 1,
        Subject = 2,
        In = Life.First,
        Explains = ["root-not-found"],
        Cause = "The init script calls a program (or a function of another script) that is not in the image; " +
            "what it should do is not done. " +
            "Without ipconfig the network of a network root is not set up (Arch: mkinitcpio-nfs-utils, Debian: klibc-utils).",
        Fixes = [new("Install the package that brings it and its hook, build the initramfs again, and look into it",
            "lsinitramfs IMAGE | grep -w NAME || lsinitcpio IMAGE || lsinitrd IMAGE")],
        Origin = "busybox ash, dash and bash; endeavouros-team/EndeavourOS-ISO issue 46",
    };
}
