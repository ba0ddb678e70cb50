namespace Kdump.Diagnosis.Catalogue.Tools;

/// <summary>
/// What dracut-install was asked to put into an image: the words of its command line that are no options, as dracut prints it behind
/// <c>FAILED:</c> (dracut src/install/dracut-install.c).
/// </summary>
internal static class DracutInstall
{
    /// <summary>Options whose value is the next word.</summary>
    private static readonly string[] WithValue =
        ["-D", "--destrootdir", "--kerneldir", "-s", "-p", "-P", "-S", "-N", "-n", "-r", "--sysrootdir", "--firmwaredirs", "--logdir"];

    private const int MaxNames = 8;

    /// <summary>The names; empty if the line is no command of dracut-install.</summary>
    public static string[] NamesOf(string command)
    {
        int at = command.IndexOf("dracut-install ", StringComparison.Ordinal);
        if (at < 0)
            return [];
        string[] words = command[at..].Split(' ', StringSplitOptions.RemoveEmptyEntries);
        var names = new List<string>();
        for (int i = 1; i < words.Length && names.Count < MaxNames; i++)
        {
            if (words[i][0] != '-')
                names.Add(words[i]);
            else if (Array.IndexOf(WithValue, words[i]) >= 0)
                i++;
        }
        return [.. names.Distinct(StringComparer.Ordinal)];
    }

    /// <summary><c>=drivers/staging</c>: all modules below that folder of the kernel's.</summary>
    public static bool IsGroup(string name) => name.Length > 1 && name[0] == '=';
}
