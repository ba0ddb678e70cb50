using System.Globalization;
using Kdump.Formats.Bytes;

namespace Kdump.Clr;

/// <summary>What the program was asked; the same words as "kdt vmcore clr", which starts it.</summary>
internal sealed record Options(IReadOnlyList<string> Files, int Pid, string? Core, string? Dac, string? Sysroot, int Types, bool Json)
{
    public const string Usage = """
        kdt-clr: the managed side of a .NET process in a kernel's dump; kdt vmcore clr starts it

          kdt-clr --pid N [--dac DIR] [--sysroot DIR] [--types N] [--json] VMCORE…
          kdt-clr --core CORE [--dac DIR] [--types N] [--json]

          --pid N        the process
          --core CORE    a core file of a process (kdt vmcore gcore, createdump, gcore) instead
          --dac DIR      folder of the process's own .NET runtime: libmscordaccore.so, and libcoreclr.so, by which it is recognised
          --sysroot DIR  a copy of the machine's file tree: its files stand in for pages that were not in memory
          --types N      types of the heap to list, the largest first (20); 0: the heap is not walked
          --json         JSON (kdt.vmcore.clr/1)
        """;

    /// <exception cref="InputException">A word is not understood.</exception>
    public static Options Parse(string[] words)
    {
        List<string> files = [];
        Options options = new(files, -1, null, null, null, 20, false);
        for (int i = 0; i < words.Length; i++)
        {
            string word = words[i];
            string Value() => ++i < words.Length ? words[i]
                : throw new InputException(word, "arguments", -1, "a value was expected behind it");
            switch (word)
            {
                case "--pid": options = options with { Pid = Number(word, Value()) }; break;
                case "--core": options = options with { Core = Value() }; break;
                case "--dac": options = options with { Dac = Value() }; break;
                case "--sysroot": options = options with { Sysroot = Value() }; break;
                case "--types": options = options with { Types = Number(word, Value()) }; break;
                case "--json": options = options with { Json = true }; break;
                default:
                    if (word.StartsWith("--", StringComparison.Ordinal))
                        throw new InputException(word, "arguments", -1, "is no option; --help lists them");
                    files.Add(word);
                    break;
            }
        }
        if (options.Core is null == (files.Count == 0) || options.Core is null == options.Pid < 0)
            throw new InputException("kdt-clr", "arguments", -1, "--pid N and a dump, or --core CORE; --help tells more");
        return options;
    }

    private static int Number(string option, string text) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int number) ? number
            : throw new InputException(option, "arguments", -1, $"'{text}' is no number");
}
