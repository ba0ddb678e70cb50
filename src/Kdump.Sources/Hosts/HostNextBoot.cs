using Kdump.Diagnosis.Evidence.DumpSetup;
using Kdump.Diagnosis.Evidence.Machines;
using Kdump.Diagnosis.Model;
using Kdump.Sources.Trees;

namespace Kdump.Sources.Hosts;

/// <summary>
/// What the boot loader starts next: the saved or newest entry of the Boot Loader Specification (RHEL, Fedora), else the first entry of
/// grub.cfg (Debian, Ubuntu, SUSE). Yields nothing if it cannot be determined.
/// </summary>
public static class HostNextBoot
{
    private static readonly string[] Folders = ["/boot/loader/entries", "/boot/efi/loader/entries", "/efi/loader/entries"];

    public static void Collect(MachineTree root, Facts facts)
    {
        Dictionary<string, string> environment = Environment(root);
        if ((Specified(root, environment) ?? Configured(root, environment)) is not { } next)
            return;
        facts.Add(next);
        if (facts.Of<MachineKernel>() is [var running, ..] && next.Release.Length > 0 && next.Release != running.Release &&
            facts.Of<KdumpSetup>() is [{ Tools: not KdumpTools.None } setup, ..])
            Image(root, setup.Tools, next, facts);
    }

    /// <summary>
    /// All three tools build an image when they first start under a kernel that has none (kdumpctl check_rebuild, kdump-config
    /// load, SUSE's load.sh); the fact says what prevents that.
    /// </summary>
    private static void Image(MachineTree root, KdumpTools tools, NextBoot next, Facts facts)
    {
        if (HostSetup.Image(root, tools, HostSetup.Wanted(root, facts, tools) ?? next.Release,
            [.. facts.Of<KdumpSetting>()]) is not { State: ExpectedImageState.Absent } image)
            return;
        bool here = root.IsWhole && root.List("/lib/modules").Count > 0 && !root.IsFolder("/lib/modules/" + next.Release);
        KdumpSetting? never = facts.Of<KdumpSetting>().LastOrDefault(s => s.Name == "force_no_rebuild" && s.Value == "1");
        string blocks;
        if (here)
            blocks = $"its modules are not there (/lib/modules/{next.Release})";
        else if (never is not null && tools == KdumpTools.RedHat)
            blocks = "force_no_rebuild 1 in /etc/kdump.conf forbids it";
        else if (facts.Of<KdumpSetup>().Any(s => s.Enabled == false))
            blocks = $"{facts.Of<KdumpSetup>().First().Unit} does not start at boot";
        else
            blocks = "";
        facts.Add(new NextImageAbsent(never is not null && !here ? never.Source : image.Source, next.Release, image.Path, blocks));
    }

    /// <summary>grubenv: <c>saved_entry=…</c>, <c>kernelopts=…</c>.</summary>
    private static Dictionary<string, string> Environment(MachineTree root)
    {
        var found = new Dictionary<string, string>(StringComparer.Ordinal);
        string text = root.Text("/boot/grub2/grubenv") ?? root.Text("/boot/grub/grubenv") ?? "";
        foreach (string line in text.Split('\n').Take(200))
        {
            if (line.IndexOf('=') is > 0 and var at && line[0] != '#')
                found[line[..at]] = line[(at + 1)..];
        }
        return found;
    }

    /// <summary>Entries of the Boot Loader Specification; the newest is booted, unless the boot loader keeps another one's name.</summary>
    private static NextBoot? Specified(MachineTree root, Dictionary<string, string> environment)
    {
        string? folder = Array.Find(Folders, f => Names(root, f).Length > 0);
        if (folder is null)
            return null;
        string[] names = Names(root, folder);
        string kept = environment.GetValueOrDefault("next_entry", "");
        if (kept.Length == 0)
            kept = environment.GetValueOrDefault("saved_entry", "");
        string? name = names.FirstOrDefault(n => n == kept + ".conf" || n == kept);
        // grub also stores the number of an entry, 0 for the newest; an entry that it does not find is replaced by the newest.
        string[] newest = [.. names.OrderByDescending(n => n, new ReleaseOrder())];
        name ??= newest[int.TryParse(kept, out int index) && index >= 0 && index < newest.Length ? index : 0];
        string version = "", linux = "", line = "";
        Source? source = null;
        int number = 0;
        foreach (string row in (root.Text($"{folder}/{name}") ?? "").Split('\n'))
        {
            number++;
            string[] words = row.Split([' ', '\t'], 2, StringSplitOptions.RemoveEmptyEntries);
            if (words is ["version", var said])
                version = said.Trim();
            else if (words is ["linux", var path])
                linux = path.Trim();
            else if (words is ["options", var options])
            {
                source ??= Source.Of(root.Shown($"{folder}/{name}"), row, number);
                line = (line + " " + Expanded(root, options, environment)).Trim();
                // Options in a variable without a known value are not known.
                if (line.Length == 0)
                    return null;
            }
        }
        return source is null ? null : new NextBoot(source, Release(linux, version), line);
    }

    /// <summary>
    /// Variables in an entry's options (<c>$kernelopts</c>, <c>$tuned_params</c>): grubenv has them, or grub.cfg sets them. grub
    /// treats a variable that nothing sets as empty; without grub.cfg the variables stay as written.
    /// </summary>
    private static string Expanded(MachineTree root, string options, Dictionary<string, string> environment)
    {
        string? menu = root.Text("/boot/grub2/grub.cfg") ?? root.Text("/boot/grub/grub.cfg");
        return string.Join(' ', options.Split([' ', '\t'], StringSplitOptions.RemoveEmptyEntries).Select(word =>
        {
            if (word is not ['$', .., _] || !word.AsSpan(1).Trim("{}").ToString().All(c => char.IsAsciiLetterOrDigit(c) || c == '_'))
                return word;
            string name = word[1..].Trim('{', '}'), set = $"set {name}=\"";
            if (environment.TryGetValue(name, out string? value))
                return value;
            int at = menu?.LastIndexOf(set, StringComparison.Ordinal) ?? -1;
            int end = at < 0 ? -1 : menu!.IndexOf('"', at + set.Length);
            if (end >= 0)
                return menu![(at + set.Length)..end];
            return menu is null && name != "tuned_params" ? word : "";
        }));
    }

    private static string[] Names(MachineTree root, string folder) => [.. root.List(folder).Where(n =>
        n.EndsWith(".conf", StringComparison.Ordinal) && !n.Contains("rescue", StringComparison.Ordinal))];

    /// <summary>
    /// The release of the kernel's file: <c>/vmlinuz-RELEASE</c>, or <c>/ID/RELEASE/linux</c> as kernel-install writes it. The
    /// entry's own version may be another: ostree numbers its deployments.
    /// </summary>
    private static string Release(string linux, string version)
    {
        string[] parts = linux.Split('/', StringSplitOptions.RemoveEmptyEntries);
        if (parts is [.., var file] && file.IndexOf('-') is > 0 and var dash && file[..dash] is "vmlinuz" or "vmlinux" or "Image" or
            "image")
            return file[(dash + 1)..];
        if (parts is [.., var folder, ['l', 'i', 'n', 'u', 'x', ..]] && folder.Contains('.') && char.IsAsciiDigit(folder[0]))
            return folder;
        return version.Contains('.') && char.IsAsciiDigit(version[0]) ? version : "";
    }

    private static NextBoot? Configured(MachineTree root, Dictionary<string, string> environment)
    {
        // A saved entry overrides the first one.
        if (environment.GetValueOrDefault("saved_entry", "").Length > 0 || environment.GetValueOrDefault("next_entry", "").Length > 0)
            return null;
        foreach (string path in new[] { "/boot/grub/grub.cfg", "/boot/grub2/grub.cfg" })
        {
            int number = 0;
            foreach (string row in (root.Text(path) ?? "").Split('\n'))
            {
                number++;
                // GRUB_DEFAULT names an entry other than the first.
                if (row.Trim().StartsWith("set default=\"", StringComparison.Ordinal) && row.Trim()["set default=\"".Length..].TrimEnd('"')
                    is not ("0" or "" or ['$', ..]))
                    return null;
                string[] words = row.Trim().Split([' ', '\t'], 3, StringSplitOptions.RemoveEmptyEntries);
                if (words is [("linux" or "linuxefi" or "linux16"), var kernel, var line] &&
                    kernel.LastIndexOf("/vmlinuz-", StringComparison.Ordinal) is >= 0 and var at)
                    return new NextBoot(Source.Of(root.Shown(path), row.Trim(), number), kernel[(at + "/vmlinuz-".Length)..], line);
            }
        }
        return null;
    }

    /// <summary>Numbers in names compare as numbers: 5.14.0-70 before 5.14.0-503.</summary>
    private sealed class ReleaseOrder : IComparer<string>
    {
        public int Compare(string? x, string? y)
        {
            ReadOnlySpan<char> a = x, b = y;
            while (a.Length > 0 && b.Length > 0)
            {
                if (char.IsAsciiDigit(a[0]) && char.IsAsciiDigit(b[0]))
                {
                    ReadOnlySpan<char> m = Digits(ref a), n = Digits(ref b);
                    int order = m.Length != n.Length ? m.Length.CompareTo(n.Length) : m.SequenceCompareTo(n);
                    if (order != 0)
                        return order;
                    continue;
                }
                if (a[0] != b[0])
                    return a[0].CompareTo(b[0]);
                a = a[1..];
                b = b[1..];
            }
            return a.Length.CompareTo(b.Length);
        }

        private static ReadOnlySpan<char> Digits(ref ReadOnlySpan<char> text)
        {
            int end = 0;
            while (end < text.Length && char.IsAsciiDigit(text[end]))
                end++;
            ReadOnlySpan<char> digits = text[..end].TrimStart('0');
            text = text[end..];
            return digits;
        }
    }
}
