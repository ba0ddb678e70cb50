using Kdump.Formats.Bytes;
using Kdump.Kernel.Structs;
using Kdump.Kernel.Types;

namespace Kdump.Kernel.Views;

/// <summary>The open files of one process: task_struct.files, struct files_struct and fdtable of include/linux/fdtable.h.</summary>
public sealed class OpenFiles
{
    /// <summary>Maximum number of entries: nr_open is a million by default; a larger fdtable is invalid.</summary>
    private const uint MaxFiles = 1 << 26;

    private readonly CrashedKernel kernel;
    private readonly DentryPath paths;
    private readonly StructType fileType;
    private readonly List<OpenFile> all = [];
    private readonly List<Damage> damages = [];

    /// <exception cref="InputException">The task has no table of files, or BTF lacks a struct.</exception>
    public OpenFiles(CrashedKernel kernel, TaskStruct task)
    {
        this.kernel = kernel;
        Task = task;
        paths = new DentryPath(kernel);
        fileType = kernel.Struct("file");
        Cwd = PathOf(task, "pwd");
        Root = PathOf(task, "root");
        if (task.Struct.Follow("files") is not { } files)
            throw new InputException(kernel.Dump.Name, "task_struct.files", -1,
                $"{task.Comm} ({task.Pid}) has closed its files: it was exiting");
        foreach ((int number, VirtualAddress file, bool closes) in Numbers(kernel, files, damages))
        {
            try
            {
                all.Add(Read(number, new StructReader(kernel.Memory, fileType, file), closes));
            }
            catch (InputException e)
            {
                damages.Add(Damage.From(e));
            }
        }
    }

    public TaskStruct Task { get; }

    /// <summary>The working folder of the process; null if it cannot be read.</summary>
    public string? Cwd { get; }

    /// <summary>The root folder of the process; null if it cannot be read.</summary>
    public string? Root { get; }

    public IReadOnlyList<OpenFile> All => all;

    public IReadOnlyList<Damage> Damages => damages;

    /// <summary>File descriptors and struct files of a table, and whether exec closes them.</summary>
    public static IEnumerable<(int Number, VirtualAddress File, bool Closes)> Numbers(CrashedKernel kernel, StructReader files,
        List<Damage> damages)
    {
        if (files.Follow("fdt") is not { } table)
            yield break;
        uint count = table.U32("max_fds");
        if (count > MaxFiles)
            throw new InputException(kernel.Dump.Name, "fdtable.max_fds", -1, $"{count} is no number of files");
        VirtualAddress open = table.Pointer("open_fds"), array = table.Pointer("fd"), closes = table.Pointer("close_on_exec");
        for (uint word = 0; word * 64 < count; word++)
        {
            if (!kernel.Memory.TryU64(open + 8L * word, out ulong bits))
            {
                damages.Add(new Damage(kernel.Dump.Name, "fdtable.open_fds", -1,
                    $"of the files {64 * word} to {64 * word + 63} is missing"));
                continue;
            }
            kernel.Memory.TryU64(closes + 8L * word, out ulong close);
            for (; bits != 0; bits &= bits - 1)
            {
                int bit = System.Numerics.BitOperations.TrailingZeroCount(bits), number = (int)(64 * word) + bit;
                if (!kernel.Memory.TryU64(array + 8L * number, out ulong file))
                    damages.Add(new Damage(kernel.Dump.Name, "fdtable.fd", -1, $"file {number} is missing"));
                else if ((file & ~3UL) != 0)
                    yield return (number, new VirtualAddress(file & ~3UL), (close >> bit & 1) != 0);
            }
        }
    }

    /// <summary>The struct sock of a file; null if the file is not a socket.</summary>
    public static VirtualAddress? SocketOf(CrashedKernel kernel, VirtualAddress inode)
    {
        if (kernel.Btf.Value?.Struct("socket_alloc") is not { } pair)
            return null;
        StructReader both = new(kernel.Memory, pair, inode + -pair.Offset("vfs_inode"));
        return both.Pointer("socket.sk") is { Value: not 0 } sock ? sock : null;
    }

    private string? PathOf(TaskStruct task, string member)
    {
        try
        {
            return task.Struct.Follow("fs") is { } fs ? paths.Of(fs.Pointer($"{member}.mnt"), fs.Pointer($"{member}.dentry")) : null;
        }
        catch (InputException e)
        {
            damages.Add(Damage.From(e));
            return null;
        }
    }

    private OpenFile Read(int number, StructReader file, bool closes)
    {
        VirtualAddress inodeAt = file.Pointer("f_inode");
        StructReader inode = kernel.At("inode", inodeAt);
        ushort mode = (ushort)inode.U64("i_mode");
        SocketStruct? socket = null;
        string path;
        try
        {
            if ((mode & 0xF000) == 0xC000 && SocketOf(kernel, inodeAt) is { } sock)
                socket = new SocketStruct(kernel, sock);
            path = OwnName(inode, mode, file) ?? paths.Of(file.Pointer("f_path.mnt"), file.Pointer("f_path.dentry"));
        }
        catch (InputException e)
        {
            damages.Add(Damage.From(e));
            path = "<not there>";
        }
        return new OpenFile(number, file.Address, inodeAt, path, mode, file.U32("f_flags"), closes, file.S64("f_pos"), socket);
    }

    /// <summary>Name of a file that is in no folder: d_dname() of its file system.</summary>
    private string? OwnName(StructReader inode, ushort mode, StructReader file)
    {
        string? system = inode.Follow("i_sb")?.Follow("s_type")?.TextAt("name");
        return system switch
        {
            "sockfs" => $"socket:[{inode.U64("i_ino")}]",
            "pipefs" => $"pipe:[{inode.U64("i_ino")}]",
            "anon_inodefs" => $"anon_inode:{paths.Name(paths.Dentry(file.Pointer("f_path.dentry")))}",
            "nsfs" => $"ns:[{inode.U64("i_ino")}]",
            "dmabuf" => "dmabuf",
            _ => null,
        };
    }
}
