using System.Runtime.InteropServices;

namespace Kdump.Cli.Terminals;

/// <summary>
/// Takes from the calling thread, and from every thread and process that it starts, what reading evidence does not need: files that are
/// written (Landlock, Documentation/userspace-api/landlock.rst) and the network (a seccomp filter). A kernel without them, or one that
/// refuses, leaves the program as it is. It cannot be undone.
/// </summary>
internal static unsafe partial class Confinement
{
    /// <summary>include/uapi/linux/landlock.h: everything by which a file system is changed.</summary>
    private const ulong Write = 1UL << 1, Removing = 3UL << 4, Making = 0x7FUL << 6, Moving = 1UL << 13, Truncating = 1UL << 14;

    /// <summary>Connecting and binding of TCP, since version 4.</summary>
    private const ulong Network = 3;

    private const int CreateRuleset = 444, AddRule = 445, RestrictSelf = 446, VersionOf = 1, PathBeneath = 1;
    private const int NoNewPrivileges = 38, SetFilter = 1;

    /// <summary>O_PATH | O_CLOEXEC.</summary>
    private const int PathOnly = 0x280000;

    /// <summary>The version of the kernel's Landlock; below 1: it has none, or does not permit it.</summary>
    public static int Landlock => (int)Call(CreateRuleset, 0, 0, VersionOf, 0, 0);

    /// <param name="writable">Folders in which files may be written all the same.</param>
    public static void Apply(IEnumerable<string> writable)
    {
        if (Numbers() is not { } numbers || Call(numbers.Prctl, NoNewPrivileges, 1, 0, 0, 0) != 0)
            return;
        WithoutWriting(writable);
        WithoutSockets(numbers);
    }

    private static void WithoutWriting(IEnumerable<string> writable)
    {
        int version = Landlock;
        if (version < 1)
            return;
        ulong rights = Write | Removing | Making | (version >= 2 ? Moving : 0) | (version >= 3 ? Truncating : 0);
        ulong* wanted = stackalloc ulong[] { rights, Network };
        nint rules = Call(CreateRuleset, (nint)wanted, version >= 4 ? 16 : 8, 0, 0, 0);
        if (rules < 0)
            return;
        Allow(rules, "/dev/null", Write | (version >= 3 ? Truncating : 0));
        foreach (string folder in writable)
            Allow(rules, folder, rights);
        Call(RestrictSelf, rules, 0, 0, 0, 0);
        _ = close((int)rules);
    }

    private static void Allow(nint rules, string path, ulong rights)
    {
        int at = open(path, PathOnly);
        if (at < 0)
            return;
        // struct landlock_path_beneath_attr is packed: u64 and s32.
        byte* rule = stackalloc byte[12];
        *(ulong*)rule = rights;
        *(int*)(rule + 8) = at;
        Call(AddRule, rules, PathBeneath, (nint)rule, 0, 0);
        _ = close(at);
    }

    private static void WithoutSockets(SystemCalls numbers)
    {
        const ushort load = 0x20, jumpIfEqual = 0x15, jumpIfAbove = 0x35, end = 0x06;
        // Calls of another architecture (32 bits, x32) have other numbers: none is needed.
        const uint X32 = 0x4000_0000;
        const nint AllowSpeculation = 4;
        const uint allow = 0x7FFF_0000, refuse = 0x0005_0000 | 1, number = 0, architecture = 4;
        // io_uring makes sockets without a system call for each.
        Instruction* filter = stackalloc Instruction[]
        {
            new(load, 0, 0, architecture), new(jumpIfEqual, 0, 5, numbers.Architecture), new(load, 0, 0, number),
            new(jumpIfEqual, 3, 0, numbers.Socket), new(jumpIfEqual, 2, 0, numbers.IoUring), new(jumpIfAbove, 1, 0, X32),
            new(end, 0, 0, allow), new(end, 0, 0, refuse),
        };
        var program = new FilterProgram { Count = 8, Instructions = filter };
        // Without that flag, kernels before 5.16 slow the whole program down against speculation; before 4.17 they do not know it.
        if (Call(numbers.Seccomp, SetFilter, AllowSpeculation, (nint)(&program), 0, 0) != 0)
            Call(numbers.Seccomp, SetFilter, 0, (nint)(&program), 0, 0);
    }

    private static SystemCalls? Numbers() => RuntimeInformation.ProcessArchitecture switch
    {
        Architecture.X64 => new(0xC000_003E, Prctl: 157, Seccomp: 317, Socket: 41, IoUring: 425),
        Architecture.Arm64 => new(0xC000_00B7, Prctl: 167, Seccomp: 277, Socket: 198, IoUring: 425),
        _ => null,
    };

    private static nint Call(nint number, nint a, nint b, nint c, nint d, nint e) => syscall(number, a, b, c, d, e);

    /// <param name="Architecture">AUDIT_ARCH_* of include/uapi/linux/audit.h.</param>
    private sealed record SystemCalls(uint Architecture, nint Prctl, nint Seccomp, uint Socket, uint IoUring);

    /// <summary>struct sock_filter.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private readonly struct Instruction(ushort code, byte yes, byte no, uint value)
    {
        private readonly ushort code = code;
        private readonly byte yes = yes, no = no;
        private readonly uint value = value;
    }

    /// <summary>struct sock_fprog.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private struct FilterProgram
    {
        public ushort Count;
        public Instruction* Instructions;
    }

    [LibraryImport("libc")]
    private static partial nint syscall(nint number, nint a, nint b, nint c, nint d, nint e);

    [LibraryImport("libc", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int open(string path, int flags);

    [LibraryImport("libc")]
    private static partial int close(int descriptor);
}
