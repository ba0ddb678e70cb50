using System.Text;
using Kdump.Diagnosis.Evidence.Machines;
using Kdump.Diagnosis.Model;
using Kdump.Sources.Trees;

namespace Kdump.Sources.Hosts;

/// <summary>
/// Versions of the programs that write and read dumps: as the program files hold them (each prints one string with --version), else
/// as the package manager lists them.
/// </summary>
public static class HostTools
{
    private const int MaxProgram = 8 << 20;

    private static readonly (string Tool, string Mark, string[] Paths)[] Programs =
    [
        ("makedumpfile", "makedumpfile: version ", ["/usr/sbin/makedumpfile", "/usr/bin/makedumpfile", "/sbin/makedumpfile"]),
        ("kexec-tools", "kexec-tools ", ["/usr/sbin/kexec", "/sbin/kexec"]),
    ];

    private static readonly string[] Packages = ["makedumpfile", "kexec-tools", "kdump-utils", "crash"];

    public static void Collect(MachineTree root, Facts facts)
    {
        foreach ((string tool, string mark, string[] paths) in Programs)
        {
            foreach (string path in paths)
            {
                if (root.Bytes(path, MaxProgram) is { } program && After(program, mark) is { } version)
                {
                    facts.Add(new ToolVersion(new Source(root.Shown(path), mark + version), tool, version));
                    break;
                }
            }
        }
        foreach (string path in new[] { "/var/lib/dpkg/status", "/installed-rpms", "/sos_commands/rpm/package-data", "/installed-debs",
            "/sos_commands/dpkg/dpkg_-l" })
            Listed(root, path, facts);
    }

    /// <summary>The version after a text: digits and dots.</summary>
    private static string? After(byte[] program, string mark)
    {
        ReadOnlySpan<byte> rest = program, wanted = Encoding.ASCII.GetBytes(mark);
        while (rest.IndexOf(wanted) is >= 0 and var at)
        {
            rest = rest[(at + wanted.Length)..];
            int end = 0;
            while (end < rest.Length && end < 16 && rest[end] is (>= (byte)'0' and <= (byte)'9') or (byte)'.')
                end++;
            if (end >= 3)
                return Encoding.ASCII.GetString(rest[..end]).TrimEnd('.');
        }
        return null;
    }

    /// <summary>
    /// <c>Package: makedumpfile</c> and its <c>Version: 1:1.7.2-1</c>; <c>ii  makedumpfile  1:1.7.2-1</c>;
    /// <c>makedumpfile-1.7.2-7.el9.x86_64</c>.
    /// </summary>
    private static void Listed(MachineTree root, string path, Facts facts)
    {
        string? package = null;
        int number = 0;
        foreach (string line in (root.Text(path) ?? "").Split('\n'))
        {
            number++;
            if (line.StartsWith("Package: ", StringComparison.Ordinal))
                package = line["Package: ".Length..];
            string[] words = line.Split([' ', '\t'], StringSplitOptions.RemoveEmptyEntries);
            (string Name, string Version)? found;
            if (line.StartsWith("Version: ", StringComparison.Ordinal) && package is not null)
                found = (package, line["Version: ".Length..]);
            else if (words is ["ii", var name, var version, ..])
                found = (name.Split(':')[0], version);
            else if (words is [var rpm, ..] && Array.Find(Packages, p => rpm.StartsWith(p + "-", StringComparison.Ordinal) &&
                rpm.Length > p.Length + 1 && char.IsAsciiDigit(rpm[p.Length + 1])) is { } of)
                found = (of, rpm[(of.Length + 1)..]);
            else
                found = null;
            if (found is { } f && Packages.Contains(f.Name) && !facts.Of<ToolVersion>().Any(t => t.Tool == f.Name))
                facts.Add(new ToolVersion(Source.Of(root.Shown(path), line, number), f.Name,
                    f.Version[(f.Version.IndexOf(':') + 1)..].Split('-', '+', '~')[0]));
        }
    }
}
