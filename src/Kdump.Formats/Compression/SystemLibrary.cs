using System.Collections.Concurrent;
using System.Runtime.InteropServices;

namespace Kdump.Formats.Compression;

/// <summary>
/// The system's codec libraries: the fastest decoders, used if they are installed. For each there is a managed replacement, so a missing
/// library is never reported as an error of the input.
/// </summary>
internal static class SystemLibrary
{
    private static readonly ConcurrentDictionary<string, nint> Loaded = new(StringComparer.Ordinal);

    [ThreadStatic]
    private static bool hidden;

    /// <summary>True if the library is installed and, if a function is named, exports it.</summary>
    public static bool Has(string name, string? function = null)
    {
        if (hidden)
            return false;
        nint handle = Loaded.GetOrAdd(name, static n =>
            NativeLibrary.TryLoad(n, typeof(SystemLibrary).Assembly, null, out nint found) ? found : 0);
        return handle != 0 && (function is null || NativeLibrary.TryGetExport(handle, function, out _));
    }

    /// <summary>For tests: on this thread no library counts as installed until the result is disposed.</summary>
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
