using Kdump.Formats.Bytes;
using Kdump.Formats.Dumps;
using Kdump.Kernel.Memory;
using Kdump.Kernel.Structs;

namespace Kdump.Kernel.Views;

/// <summary>Bytes of a process's memory, as its page tables map it.</summary>
public static class UserMemory
{
    /// <summary>False where a part of it is not mapped or not in the dump.</summary>
    public static bool TryRead(CrashedKernel kernel, UserPages pages, VirtualAddress at, byte[] buffer)
    {
        byte[] page = new byte[4096];
        for (int done = 0; done < buffer.Length;)
        {
            UserPage found = pages.At(at + done);
            if (found.Kind is not (UserPageKind.Present or UserPageKind.NoAccess) ||
                kernel.Dump.ReadPage(new Pfn(found.Physical.Value >> 12), page) != PageState.Present)
                return false;
            int within = (int)((at.Value + (ulong)done) & 4095), n = Math.Min(buffer.Length - done, 4096 - within);
            page.AsSpan(within, n).CopyTo(buffer.AsSpan(done));
            done += n;
        }
        return true;
    }
}
