using System.Text;

namespace Kdump.Sources.Rehearsals;

/// <summary>
/// The two programs of a rehearsal: /init of the first kernel, which loads the crash kernel and crashes, and /sbin/init of a stand-in root
/// file system for images that dump from the real root (kdump-tools). Numbers are x86-64's (arch/x86/entry/syscalls/syscall_64.tbl).
/// </summary>
public static class RehearsalPrograms
{
    public const string Mark = "kdt-rehearsal: ";

    private const int Write = 1, Open = 2, Poll = 7, Pause = 34, Fork = 57, Execve = 59, Exit = 60, Wait4 = 61, Sync = 162, Mount = 165,
        Reboot = 169, KexecFileLoad = 320;

    private const long ReadOnly = 0, WriteOnly = 1, OnCrash = 2, PowerOff = 0x4321fedc, Magic1 = 0xfee1dead, Magic2 = 672274793;

    /// <summary>Mounts /proc, loads /vmlinuz with /initrd as crash kernel (kexec_file_load), and crashes by sysrq.</summary>
    public static byte[] First(string commandLine)
    {
        long length = Encoding.UTF8.GetByteCount(commandLine) + 1;
        return new TinyProgram()
            .Say(Mark + "first kernel\n")
            .Call(Mount, "proc", "/proc", "proc", 0L, 0L).IfFailed("mount")
            .Call(Open, "/vmlinuz", ReadOnly).IfFailed("files").Keep(0)
            .Call(Open, "/initrd", ReadOnly).IfFailed("files").Keep(1)
            .Call(KexecFileLoad, TinyProgram.Kept(0), TinyProgram.Kept(1), length, commandLine, OnCrash).IfFailed("refused")
            .Say(Mark + "loaded\n")
            // What the terminal has not sent yet dies with this kernel.
            .Call(Poll, 0L, 0L, 500L)
            .Call(Open, "/proc/sysrq-trigger", WriteOnly).IfFailed("mount").Keep(2)
            .Call(Write, TinyProgram.Kept(2), "c", 1L)
            .Label("mount").Say(Mark + "the first kernel could not crash\n").Go("off")
            .Label("files").Say(Mark + "no kernel or image\n").Go("off")
            .Label("refused").Say(Mark + "kexec_file_load refused the crash kernel\n")
            .Label("off").Call(Reboot, Magic1, Magic2, PowerOff, 0L).Call(Pause)
            .ToElf();
    }

    /// <summary>
    /// Says that the root was reached, has makedumpfile write /proc/vmcore to /var/crash, says how that ended, and switches off.
    /// </summary>
    public static byte[] Root() => new TinyProgram()
        .Say("\n" + Mark + "root reached\n")
        .Call(Mount, "proc", "/proc", "proc", 0L, 0L)
        .Call(Mount, "", "/", "", 32L, 0L)                                         // MS_REMOUNT, read and write
        .Call(Open, "/proc/vmcore", ReadOnly).IfFailed("none")
        .Call(Fork).IfFailed("none").IfZero("child").Keep(0)
        .Call(Wait4, TinyProgram.Kept(0), 0L, 0L, 0L)
        .Call(Open, "/var/crash/vmcore", ReadOnly).IfFailed("failed")
        .Call(Sync)
        .Say(Mark + "dump saved\n").Go("off")
        .Label("child")
        .Call(Execve, "/usr/bin/makedumpfile", new[] { "makedumpfile", "-c", "-d", "31", "/proc/vmcore", "/var/crash/vmcore" },
            Array.Empty<string>())
        .Call(Exit, 1L)
        .Label("none").Say(Mark + "no /proc/vmcore\n").Go("off")
        .Label("failed").Say(Mark + "the dump was not written\n")
        .Label("off").Call(Sync).Call(Reboot, Magic1, Magic2, PowerOff, 0L).Call(Pause)
        .ToElf();
}
