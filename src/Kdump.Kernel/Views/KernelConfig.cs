using System.Text;
using Kdump.Formats.Bytes;
using Kdump.Formats.Compression;
using Kdump.Kernel.Structs;

namespace Kdump.Kernel.Views;

/// <summary>
/// The configuration that a kernel contains (CONFIG_IKCONFIG, kernel/configs.c): gzip data between the marks IKCFG_ST and IKCFG_ED, in
/// the kernel or in the module configs, if that is loaded.
/// </summary>
public static class KernelConfig
{
    private const int MaxPacked = 4 << 20;
    private const int MaxText = 32 << 20;

    /// <summary>The text of .config.</summary>
    /// <exception cref="InputException">The kernel contains none, or it cannot be read.</exception>
    public static string Read(CrashedKernel kernel)
    {
        VirtualAddress start = kernel.FindSymbol("kernel_config_data") ?? InModule(kernel)
            ?? throw new InputException(kernel.Dump.Name, "kernel_config_data", -1,
                "this kernel carries no configuration (CONFIG_IKCONFIG is not set, or its module was not loaded): " +
                "/boot/config-RELEASE of that kernel has it");
        byte[] packed = new byte[MaxPacked];
        int length = 0;
        // The symbol is the address of the data after the first mark; the data ends with the other mark.
        for (; length < MaxPacked; length += 4096)
        {
            if (!kernel.Memory.TryRead(start + length, packed.AsSpan(length, Math.Min(4096, MaxPacked - length))))
                break;
            if (packed.AsSpan(Math.Max(0, length - 8), Math.Min(4096 + 8, MaxPacked - Math.Max(0, length - 8)))
                .IndexOf("IKCFG_ED"u8) is >= 0
                and var end)
            {
                length = Math.Max(0, length - 8) + end;
                break;
            }
        }
        if (length < 20 || packed[0] != 0x1f || packed[1] != 0x8b)
            throw new InputException(kernel.Dump.Name, "kernel_config_data", -1, "is no gzip data");
        using DecodedStream text = new(new MemoryStream(packed, 0, length), StreamCodecs.Of(packed)!, MaxText);
        using MemoryStream all = new();
        byte[] piece = new byte[65536];
        for (int n; (n = text.Read(piece)) > 0;)
            all.Write(piece, 0, n);
        return Encoding.UTF8.GetString(all.GetBuffer(), 0, (int)all.Length);
    }

    private static VirtualAddress? InModule(CrashedKernel kernel)
    {
        foreach (KernelModule module in kernel.Modules.Value?.All ?? [])
            if (module.Name == "configs" && kernel.Modules.Value!.Symbols(module)?.FindAll("kernel_config_data").FirstOrDefault() is
                { Address.Value: not 0 } at)
                return at.Address;
        return null;
    }
}
