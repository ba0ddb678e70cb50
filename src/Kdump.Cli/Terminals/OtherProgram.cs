using System.Runtime.InteropServices;

namespace Kdump.Cli.Terminals;

/// <summary>A program of this toolkit that another one starts or becomes.</summary>
internal static unsafe partial class OtherProgram
{
    /// <summary>The words that start it: it lies beside this one, or on PATH; null where it does not.</summary>
    public static string[]? Find(string name)
    {
        string self = Environment.ProcessPath ?? "";
        string managed = Path.Combine(AppContext.BaseDirectory, name + ".dll");
        if (Path.GetFileName(self) == "dotnet" && File.Exists(managed))
            return [self, managed];
        IEnumerable<string> folders = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Where(f => f.StartsWith('/'));
        foreach (string folder in folders.Prepend(Path.GetDirectoryName(self) ?? "/"))
        {
            string file = Path.Combine(folder, name);
            if (access(file, Executable) == 0 && File.Exists(file))
                return [file];
        }
        return null;
    }

    /// <summary>This process becomes that program, with its streams, its signals and its place under its parent. Returns where that
    /// fails.</summary>
    public static void Become(string[] words)
    {
        const int sigpipe = 13;
        // The runtime ignores it, which a new program would inherit.
        _ = signal(sigpipe, 0);
        nint* arguments = (nint*)NativeMemory.AllocZeroed((nuint)(words.Length + 1), (nuint)sizeof(nint));
        for (int i = 0; i < words.Length; i++)
            arguments[i] = Marshal.StringToCoTaskMemUTF8(words[i]);
        _ = execv(words[0], arguments);
        for (int i = 0; i < words.Length; i++)
            Marshal.FreeCoTaskMem(arguments[i]);
        NativeMemory.Free(arguments);
    }

    /// <summary>X_OK.</summary>
    private const int Executable = 1;

    [LibraryImport("libc", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int access(string path, int mode);

    [LibraryImport("libc", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int execv(string path, nint* arguments);

    [LibraryImport("libc")]
    private static partial nint signal(int number, nint handler);
}
