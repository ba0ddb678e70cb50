using Kdump.Formats.Bytes;
using Kdump.Kernel.Structs;

namespace Kdump.Kernel.Views;

/// <summary>An open file of a process.</summary>
/// <param name="Path">Path by dentries and mounts; pipes, sockets and the kernel's own files have the names of /proc/PID/fd.</param>
/// <param name="Flags">O_* flags of open(2), without O_CLOEXEC, which belongs to the file descriptor.</param>
/// <param name="Socket">The socket; null if the file is not a socket, or cannot be read.</param>
public sealed record OpenFile(int Number, VirtualAddress File, VirtualAddress Inode, string Path, ushort Mode, uint Flags, bool CloseOnExec,
    long Position, SocketStruct? Socket)
{
    /// <summary>File type as in ls and lsof: REG DIR CHR BLK FIFO SOCK LNK, or - for the kernel's own files.</summary>
    public string Kind => (Mode & 0xF000) switch
    {
        0x8000 => "REG", 0x4000 => "DIR", 0x2000 => "CHR", 0x6000 => "BLK", 0x1000 => "FIFO", 0xC000 => "SOCK", 0xA000 => "LNK", _ => "-",
    };
}
