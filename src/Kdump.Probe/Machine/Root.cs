using System.Text;
using Kdump.Diagnosis.Model;
using Kdump.Diagnosis.Text;

namespace Kdump.Probe.Machine;

/// <summary>
/// Files under a root: <c>/</c> in the crash kernel, a saved tree in tests. For a missing or unreadable file the methods return null;
/// they never throw for it. Reads are limited in size and never wait; nothing is opened for writing. Attributes that make the kernel
/// access a device or take its lock (config, vpd, sriov_numvfs, link speed) are never read: they hang if the device hangs.
/// </summary>
internal sealed class Root : IDisposable
{
    /// <summary>
    /// Size limit for a small file, in bytes: a sysfs attribute is at most one page, a kernel command line at most 4 KiB.
    /// </summary>
    public const int SmallFile = 16 * 1024;

    /// <summary>Size limit for a table or log, in bytes: /proc/interrupts with 32 CPUs and 4000 rows is 1.6 MB.</summary>
    public const int LargeFile = 4 * 1024 * 1024;

    /// <summary>
    /// Maximum number of entries to read from a directory; the largest real one, /sys/bus/pci/devices, has a few thousand.
    /// </summary>
    public const int MaxEntries = 16384;

    /// <summary>Timeout for a read that may hang, in milliseconds.</summary>
    public const int PatienceMs = 1000;

    private const ulong ResolveInRoot = 0x10;

    private readonly string path;
    private readonly int directory;

    public Root(string path)
    {
        this.path = path.TrimEnd('/');
        directory = IsLive ? -1 : Libc.Open(path, Libc.ReadOnly | Libc.Directory);
        if (!IsLive && directory < 0)
            throw new RootException($"{path}: {Errno.Name(Libc.LastError)}");
    }

    /// <summary>True for the running system, false for a saved tree.</summary>
    public bool IsLive => path.Length == 0;

    /// <summary>Opens a file for reading, without blocking. Returns a file descriptor, or -1 if the file cannot be opened.</summary>
    public int Open(string file, int flags = Libc.ReadOnly | Libc.NonBlock)
    {
        if (IsLive)
            return Libc.Open(file, flags);
        // Links inside a saved tree must not lead out of it.
        int fd = Libc.OpenAt2(directory, file,
            new Libc.OpenHow { Flags = (ulong)(uint)(flags | Libc.CloseOnExec), Resolve = ResolveInRoot });
        return fd < 0 && Libc.LastError == Libc.ENOSYS ? Libc.Open(path + file, flags) : fd;
    }

    public bool Exists(string file)
    {
        int fd = IsLive ? -1 : Open(file);
        if (fd >= 0)
            _ = Libc.Close(fd);
        return IsLive ? Libc.Exists(file) : fd >= 0;
    }

    /// <summary>
    /// The content of a small file without trailing blanks and line ends; null if the file is missing or cannot be read.
    /// </summary>
    public string? Text(string file, int cap = SmallFile)
    {
        using Stream? stream = Stream(file, cap);
        if (stream is null)
            return null;
        byte[] bytes = new byte[Math.Min(cap, 4096)];
        int length = 0;
        for (;;)
        {
            int n = stream.Read(bytes, length, bytes.Length - length);
            if (n == 0)
                break;
            length += n;
            if (length == bytes.Length && length < cap)
                Array.Resize(ref bytes, Math.Min(cap, length * 2));
            else if (length == bytes.Length)
                break;
        }
        return ((CappedStream)stream).Failed && length == 0 ? null : Encoding.UTF8.GetString(bytes, 0, length).TrimEnd();
    }

    /// <summary>The content of a small file with its path, as evidence; null if the file is missing or cannot be read.</summary>
    public Source? Quote(string file) => Text(file) is string text ? Source.Of(file, FirstLine(text), 1) : null;

    public long? Number(string file) => Text(file, 64) is string text ? ParseNumber(text) : null;

    public static long? ParseNumber(string text)
    {
        bool hex = text.StartsWith("0x", StringComparison.Ordinal);
        if (hex && long.TryParse(text.AsSpan(2), System.Globalization.NumberStyles.AllowHexSpecifier, null, out long h))
            return h;
        if (!hex && long.TryParse(text, System.Globalization.NumberStyles.AllowLeadingSign, null, out long d))
            return d;
        return null;
    }

    /// <summary>The lines of a file; null if the file cannot be opened.</summary>
    public LineReader? Lines(string file, int cap = LargeFile) => Stream(file, cap) is { } stream ? new LineReader(file, stream) : null;

    /// <summary>Runs a parser over a whole file; false if the file cannot be opened.</summary>
    public bool Parse(string file, LineParser parser, Facts facts, int cap = LargeFile)
    {
        using Stream? stream = Stream(file, cap);
        if (stream is null)
            return false;
        var lines = new LineReader(file, stream);
        while (lines.Next(out TextLine line))
            parser.Line(line, facts);
        parser.End(facts);
        return true;
    }

    /// <summary>The bytes of a file, up to the cap; null if the file cannot be opened.</summary>
    public Stream? Stream(string file, int cap = LargeFile)
    {
        int fd = Open(file);
        return fd < 0 ? null : new CappedStream(fd, cap);
    }

    /// <summary>Names in a directory, sorted; empty if the directory is missing.</summary>
    public string[] List(string directoryPath)
    {
        int fd = Open(directoryPath, Libc.ReadOnly | Libc.Directory);
        if (fd < 0)
            return [];
        var names = new List<string>();
        byte[] buffer = new byte[4096];
        for (int n; names.Count < MaxEntries && (n = Libc.DirectoryEntries(fd, buffer)) > 0;)
        {
            // struct linux_dirent64, sizes in bytes: ino 8, off 8, reclen 2, type 1, then the name.
            for (int at = 0; at + 19 < n;)
            {
                int size = buffer[at + 16] | (buffer[at + 17] << 8);
                if (size < 20 || at + size > n)
                    break;
                ReadOnlySpan<byte> name = buffer.AsSpan(at + 19, size - 19);
                int end = name.IndexOf((byte)0);
                string text = Encoding.UTF8.GetString(end < 0 ? name : name[..end]);
                if (text is not ("." or ".."))
                    names.Add(text);
                at += size;
            }
        }
        _ = Libc.Close(fd);
        string[] sorted = names.ToArray();
        Array.Sort(sorted, string.CompareOrdinal);
        return sorted;
    }

    /// <summary>The target of a link, as written; null if it is not a link.</summary>
    public string? Link(string file)
    {
        Span<byte> target = stackalloc byte[1024];
        // In a saved tree the directories above the link are not resolved inside the root; this is safe because only names are read,
        // never content.
        int n = Libc.ReadLinkAt(-100, path + file, target);
        return n <= 0 ? null : Encoding.UTF8.GetString(target[..n]);
    }

    /// <summary>The last component of a link's target: for <c>…/driver</c> the driver's name. Null if it is not a link.</summary>
    public string? LinkName(string file) => Link(file) is string target ? target[(target.LastIndexOf('/') + 1)..] : null;

    /// <summary>
    /// Reads a file in a child process if the read may block because of a dead device (debugfs takes the driver core's locks). A blocked
    /// child can be abandoned; a blocked thread would prevent this process from exiting.
    /// </summary>
    /// <returns>Null if the file is missing or the read timed out; <paramref name="gaveUp"/> says which.</returns>
    public unsafe byte[]? ReadGuarded(string file, int cap, out bool gaveUp)
    {
        gaveUp = false;
        if (!IsLive)
        {
            using Stream? saved = Stream(file, cap);
            return saved is null ? null : ToArray(saved);
        }
        int* ends = stackalloc int[2];
        byte* buffer = stackalloc byte[4096];
        byte[] name = Encoding.UTF8.GetBytes(file + '\0');
        if (!Libc.Exists(file) || Libc.Pipe(ends, Libc.CloseOnExec) != 0)
            return null;
        fixed (byte* p = name)
        {
            // Between fork and _exit nothing may be allocated: the garbage collector's other threads do not exist in the child.
            int child = Libc.Fork();
            if (child == 0)
                Libc.CopyAndExit(p, ends[1], buffer, 4096);
            _ = Libc.Close(ends[1]);
            var bytes = new List<byte>();
            if (child > 0)
            {
                gaveUp = !Drain(ends[0], bytes, cap);
                _ = Libc.Kill(child, Libc.SigKill);
                // Do not wait: a child that is blocked in the kernel cannot exit yet.
                int status;
                _ = Libc.WaitPid(child, &status, gaveUp ? 1 : 0);
            }
            _ = Libc.Close(ends[0]);
            return gaveUp || child < 0 || bytes.Count == 0 ? null : bytes.ToArray();
        }
    }

    public void Dispose()
    {
        if (directory >= 0)
            _ = Libc.Close(directory);
    }

    private static bool Drain(int fd, List<byte> bytes, int cap)
    {
        long until = Libc.MonotonicMs() + PatienceMs;
        byte[] part = new byte[4096];
        for (;;)
        {
            long left = until - Libc.MonotonicMs();
            if (left <= 0 || !Libc.ReadableOrClosed(fd, (int)left))
                return false;
            int n = Libc.Read(fd, part);
            if (n <= 0 || bytes.Count >= cap)
                return true;
            bytes.AddRange(part.AsSpan(0, Math.Min(n, cap - bytes.Count)));
        }
    }

    private static byte[] ToArray(Stream stream)
    {
        var all = new MemoryStream();
        stream.CopyTo(all);
        return all.ToArray();
    }

    private static ReadOnlySpan<char> FirstLine(string text)
    {
        int end = text.IndexOf('\n');
        return end < 0 ? text : text.AsSpan(0, end);
    }
}

/// <summary>The root directory itself cannot be used; this is the only file problem that is reported as an error.</summary>
internal sealed class RootException(string message) : Exception(message);
