using System.Text;

namespace Kdump.Sources.Rehearsals;

/// <summary>
/// The programs of a rehearsal: /init of the first kernel, which loads the crash kernel and crashes; /sbin/init of a stand-in root file
/// system for images that dump from the real root (kdump-tools); the observer in the crash kernel. Numbers are x86-64's
/// (arch/x86/entry/syscalls/syscall_64.tbl).
/// </summary>
public static class RehearsalPrograms
{
    public const string Mark = "kdt-rehearsal: ";

    /// <summary>The observer's name in the image, and the I/O port of QEMU's debug console (docs/specs of QEMU: isa-debugcon).</summary>
    public const string ObserverName = "kdt-observer";

    /// <summary>
    /// Printed by the observer if the image's /init does not start: the kernel must then report that itself, without the observer.
    /// </summary>
    public const string NoInit = Mark + "the image's init does not start";

    private const ushort DebugPort = 0xe9;

    private const int Write = 1, Open = 2, Poll = 7, Pread = 17, Pause = 34, Fork = 57, Execve = 59, Exit = 60, Wait4 = 61, Mkdir = 83,
        Setsid = 112, Sync = 162, Mount = 165, Reboot = 169, Iopl = 172, Unshare = 272, KexecFileLoad = 320;

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
            // What the terminal has not sent yet is lost with this kernel.
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
    /// Prints that the root was reached, has makedumpfile write /proc/vmcore to /var/crash, prints how that ended, and switches
    /// off.
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

    /// <summary>
    /// Runs before the image's own /init (rdinit=): it starts /init as the kernel would have, while a child writes the memory that
    /// is left to QEMU's debug console five times a second; that needs no device and no interrupt, and prints nothing on the real
    /// console. The child has its own /proc, which no other process sees.
    /// </summary>
    public static byte[] Observer(string init) => new TinyProgram()
        .KeepArguments(2, 3, init)
        .Call(Fork).IfZero("child")
        .Call(Execve, init, TinyProgram.Kept(2), TinyProgram.Kept(3))
        .Say("\n" + NoInit + "\n").Call(Poll, 0L, 0L, 500L).Call(Exit, 1L)
        .Label("child").Call(Setsid)
        .Call(Iopl, 3L).IfFailed("end")
        .Call(Unshare, 0x20000L).IfFailed("end")                                     // CLONE_NEWNS
        .Call(Mkdir, "/kdt-proc", 493L)
        .Call(Mount, "proc", "/kdt-proc", "proc", 0L, 0L).IfFailed("end")
        .Call(Open, "/kdt-proc/meminfo", ReadOnly).IfFailed("end").Keep(0)
        .Label("again").Call(Pread, TinyProgram.Kept(0), TinyProgram.Buffer, 128L, 0L).IfFailed("end").Keep(1)
        .Out(DebugPort, 1)
        .Call(Poll, 0L, 0L, 200L).Go("again")
        .Label("end").Call(Exit, 0L)
        .ToElf();
}
