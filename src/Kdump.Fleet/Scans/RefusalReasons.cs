using System.Text;

namespace Kdump.Fleet.Scans;

/// <summary>The reasons for which an input is not read, as far as they are whole sentences of this program: they hold nothing of an input
/// but numbers.</summary>
internal static class RefusalReasons
{
    private static readonly HashSet<string> Known =
    [
        ScanUnits.NotUtf8, Formats.Bytes.RawPaths.NotOpened, ScanUnits.NoFile, ScanUnits.NoMatch, ScanUnits.NoFolder, ScanUnits.LinkAway,
            ScanUnits.TooDeep.Replace("32", "#",
            StringComparison.Ordinal),
        "there is no such file", "a link that leads nowhere", "a link that leads back to itself", "no permission to read it",
        "a folder, not a file", "the name is too long", "an empty name: give a file",
        "a named pipe: not read", "a socket: not read", "a character device: not read", "a block device: not read",
        "the process that judged it was ended by signal #", "the process that judged it ended with status #",
        "it took longer than # s and was stopped", WorkerProcess.NoAnswer, "Input/output error", "no readable file in it",
        "only # of its files were read", "its writer did not finish it", "pages that it should contain cannot be read",
        "no known format: nothing was read from it", "nothing in it that is known here", "nothing in it", "no file in it",
        "no evidence: not read", "not a report of kdump-probe", "a named pipe without data for one second",
    ];

    public static bool Has(string reason)
    {
        var text = new StringBuilder(reason.Length);
        foreach (char c in reason)
        {
            if (!char.IsAsciiDigit(c))
                text.Append(c);
            else if (text.Length == 0 || text[^1] != '#')
                text.Append('#');
        }
        return Known.Contains(text.ToString()) || Known.Contains(reason);
    }
}
