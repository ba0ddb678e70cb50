using Kdump.Formats.Bytes;
using Kdump.Kernel.Structs;

namespace Kdump.Kernel.Views;

/// <summary>An open file of a process.</summary>
/// <param name="Path">By dentries and mounts; pipes, sockets and the kernel's own files as /proc/PID/fd names them.</param>
/// <param name="Flags">O_* as open(2) took them, without O_CLOEXEC, which belongs to the number.</param>
/// <param name="Socket">Null for what is no socket, or cannot be read.</param>
public sealed record OpenFile(int Number, VirtualAddress File, VirtualAddress Inode, string Path, ushort Mode, uint Flags, bool CloseOnExec,
    long Position, SocketStruct? Socket)
{
    /// <summary>As ls and lsof name them: REG DIR CHR BLK FIFO SOCK LNK, or - for the kernel's own.</summary>
    public string Kind => (Mode & 0xF000) switch
    {
        0x8000 => "REG", 0x4000 => "DIR", 0x2000 => "CHR", 0x6000 => "BLK", 0x1000 => "FIFO", 0xC000 => "SOCK", 0xA000 => "LNK", _ => "-",
    };
}
