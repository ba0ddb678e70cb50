using Kdump.Diagnosis.Evidence.DumpSetup;
using Kdump.Diagnosis.Evidence.Logs;
using Kdump.Diagnosis.Model;
using Kdump.Probe.Machine;

namespace Kdump.Probe.Checks;

/// <summary>
/// Whether anything in the running image saves /proc/vmcore. kdump-utils and SUSE's kdump save from the image; kdump-tools saves from the
/// real root, and a plain initramfs that no configuration calls a crash kernel's promises no dump.
/// </summary>
internal sealed class SaverCheck : Check
{
    /// <summary>Size limits in bytes: of one script, and of all that is read. Programs in machine code are not searched.</summary>
    private const int Script = 256 * 1024, All = 8 * 1024 * 1024;

    /// <summary>An image of dracut has some hundred files in these folders.</summary>
    private const int MostFiles = 4096;

    /// <summary>Folders inside folders: hooks/initqueue/finished.</summary>
    private const int Depth = 3;

    private static readonly string[] Folders =
    [
        "/var/lib/dracut/hooks", "/usr/lib/dracut/hooks", "/lib/dracut/hooks", "/etc/systemd/system", "/usr/lib/systemd/system",
        "/usr/bin", "/usr/sbin", "/usr/libexec", "/usr/lib/kdump", "/bin", "/sbin",
    ];

    public override string Name => "saver";

    public override void Run(Root root, Facts facts)
    {
        bool dracut = root.Exists("/usr/lib/dracut") || root.Exists("/lib/dracut");
        if (facts.Of<KernelState>() is not [{ Vmcore: true }, ..] || !dracut || !root.Exists("/etc/initrd-release") ||
            OwnTools.Of(root) is KdumpTools.None or KdumpTools.Debian || DumpSavers.Known.Any(root.Exists))
            return;
        var search = new Search(root);
        foreach (string folder in Folders)
        {
            // /bin is usually a link to /usr/bin, which is searched itself.
            if (root.Link(folder) is null && search.In(folder, Depth))
                return;
        }
        // A search that met a limit, or an empty tree, proves nothing.
        if (search.Files is > 0 and < MostFiles && search.Bytes < All)
        {
            Source source = facts.Of<DumpTarget>() is [var target, ..] ? target.Source : new Source("/proc/vmcore", "");
            facts.Add(new NoDumpSaver(source, search.Files));
        }
    }

    private sealed class Search(Root root)
    {
        public int Files { get; private set; }

        public int Bytes { get; private set; }

        /// <summary>True if a script in the folder saves the dump.</summary>
        public bool In(string folder, int depth)
        {
            foreach (string name in root.List(folder))
            {
                if (Files >= MostFiles || Bytes >= All)
                    return false;
                string file = $"{folder}/{name}";
                // A link leads to a file that is looked into where it is, or to a program of another name.
                if (root.Link(file) is not null)
                    continue;
                if (Saves(file) || (depth > 1 && In(file, depth - 1)))
                    return true;
            }
            return false;
        }

        private bool Saves(string file)
        {
            if (root.Text(file, 4) is not { Length: > 0 } start || start.StartsWith("\x7f" + "ELF", StringComparison.Ordinal))
                return false;
            Files++;
            string text = root.Text(file, Script) ?? "";
            Bytes += text.Length;
            return DumpSavers.IsSaver(text);
        }
    }
}
