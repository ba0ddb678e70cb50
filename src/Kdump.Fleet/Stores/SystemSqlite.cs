using System.Reflection;
using System.Runtime.InteropServices;
using Kdump.Formats.Bytes;
using SQLitePCL;

namespace Kdump.Fleet.Stores;

/// <summary>The system's SQLite library; this program contains no copy.</summary>
internal static class SystemSqlite
{
    private static readonly string[] Names = ["libsqlite3.so.0", "libsqlite3.so"];

    private static readonly Lock Loading = new();

    private static bool ready;

    /// <exception cref="InputException">The library is not installed.</exception>
    public static void Load(string store)
    {
        lock (Loading)
        {
            if (!ready)
                LoadOnce(store);
            ready = true;
        }
    }

    private static void LoadOnce(string store)
    {
        if (Library() == IntPtr.Zero)
            throw new InputException(store, "store", -1,
                "SQLite's library is not installed: libsqlite3.so.0 (Debian: libsqlite3-0, RHEL: sqlite-libs)");
        NativeLibrary.SetDllImportResolver(typeof(SQLite3Provider_sqlite3).Assembly,
            static (string name, Assembly _, DllImportSearchPath? _) => name == "sqlite3" ? Library() : IntPtr.Zero);
        raw.SetProvider(new SQLite3Provider_sqlite3());
    }

    private static IntPtr Library()
    {
        foreach (string name in Names)
        {
            if (NativeLibrary.TryLoad(name, out IntPtr handle))
                return handle;
        }
        return IntPtr.Zero;
    }
}
