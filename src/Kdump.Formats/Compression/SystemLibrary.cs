using System.Collections.Concurrent;
using System.Runtime.InteropServices;

namespace Kdump.Formats.Compression;

/// <summary>
/// The machine's codec libraries: the fastest decoders, used where they are installed. What they do is done here without them, so a
/// missing one is never a fault of the input.
/// </summary>
internal static class SystemLibrary
{
    private static readonly ConcurrentDictionary<string, nint> Loaded = new(StringComparer.Ordinal);

    [ThreadStatic]
    private static bool hidden;

    /// <summary>The library is installed, and has the function where one is named.</summary>
    public static bool Has(string name, string? function = null)
    {
        if (hidden)
            return false;
        nint handle = Loaded.GetOrAdd(name, static n =>
            NativeLibrary.TryLoad(n, typeof(SystemLibrary).Assembly, null, out nint found) ? found : 0);
        return handle != 0 && (function is null || NativeLibrary.TryGetExport(handle, function, out _));
    }

    /// <summary>For tests: on this thread the machine has none of them until the result is disposed.</summary>
    internal static IDisposable Hide()
    {
        hidden = true;
        return new Shown();
    }

    private sealed class Shown : IDisposable
    {
        public void Dispose() => hidden = false;
    }
}
