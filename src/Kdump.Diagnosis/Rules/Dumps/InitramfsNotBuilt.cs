using Kdump.Diagnosis.Catalogue.Tools;
using Kdump.Diagnosis.Speakers;
using Kdump.Diagnosis.Text;

namespace Kdump.Diagnosis.Rules.Dumps;

/// <summary>
/// The machine's normal initramfs could not be built (during an update of a kernel, of firmware or of a hook). For the crash
/// kernel's image see <see cref="KdumpImageNotBuilt"/>.
/// </summary>
public sealed class InitramfsNotBuilt : Rule
{
    public override string Id => "initramfs-not-built";

    public override Entry Entry => new("initramfs-not-built", "the initramfs could not be built")
    {
        Area = Area.Crashing,
        Signature =
        [
            "update-initramfs: failed for /boot/initrd.img-… with …",
            "E: mkinitramfs failure …",
            "==> WARNING: errors were encountered during the build. The image may not be complete.",
            "zstd: error … : Write error : No space left on device",
            "==> ERROR: file not found: `…'",
        ],
        Cause = "/boot or the build directory is full, the root device could not be determined, or a file, " +
            "a module or a hook is missing. A kernel without an image, or with an incomplete one, does not find its root file system.",
        Fixes = [new("Check what is full and what is missing, then build it again", "df -h /boot /var/tmp; update-initramfs -u -k all")],
        Origin = "initramfs-tools update-initramfs, mkinitramfs and scripts/functions; mkinitcpio and its functions; zstd, lz4, gzip, cpio",
    };

    public override IEnumerable<Opinion> Judge(Facts facts)
    {
        bool crashKernels = KdumpImageNotBuilt.Stopped(facts);
        ToolSaid[] said = [.. facts.Of<ToolSaid>().Where(s => s.Boot?.Capture != true && (s.Message.Stage == ToolStage.Initramfs ||
            (s.Message.Stage == ToolStage.Building && !crashKernels)))
            .OrderBy(s => s.Source.Input, StringComparer.Ordinal).ThenBy(s => s.Source.Order)];
        foreach (IGrouping<string, ToolSaid> input in said.GroupBy(s => s.Source.Input))
        {
            ToolSaid? image = null, reason = null;
            var told = new HashSet<string>(StringComparer.Ordinal);
            var more = new List<ToolSaid>();
            foreach (ToolSaid s in input)
            {
                bool ended = s.Message.Mark == InitramfsMessages.Failed || s.Message.Mark == BuildMessages.Kernel;
                if (s.Message.Mark == InitramfsMessages.Image)
                {
                    // The image is named before its packer fails (Debian), or after its files were missed (Arch).
                    if (reason is null)
                        image = s;
                    else
                        image ??= s;
                }
                else if (!ended || s.Message.Mark == BuildMessages.Kernel)
                {
                    reason ??= s;
                    more.Add(s);
                }
                // dracut writes the lines that kdumpctl repeats into the journal itself, too.
                if (!ended || (image ?? s).Source.Text.Contains("kdump", StringComparison.Ordinal) ||
                    (crashKernels && s.Source.Text.Contains("dracut", StringComparison.Ordinal)))
                    continue;
                if (told.Add(Name(image ?? s)) && told.Count <= 8)
                    yield return Of(s, image, reason, more, facts);
                (image, reason) = (null, null);
                more.Clear();
            }
            // The log does not contain the end of the build: an error of the packer or builder is proof enough.
            if (told.Count == 0 && !crashKernels && reason is not null && (image is not null ||
                reason.Source.Text.Contains("==> ERROR", StringComparison.Ordinal) ||
                reason.Source.Text.Contains("mkinitramfs", StringComparison.Ordinal) ||
                reason.Source.Text.Contains("ERROR: Binary ", StringComparison.Ordinal) ||
                reason.Source.Text.Contains("dracut[F]", StringComparison.Ordinal) ||
                reason.Source.Text.Contains("dracut: Can't write to ", StringComparison.Ordinal) ||
                reason.Source.Text.Contains("dracut: No permission to write to ", StringComparison.Ordinal) ||
                reason.Source.Text.Contains("add dependency on unit", StringComparison.Ordinal) ||
                reason.Source.Text.Contains("cryptsetup: ERROR", StringComparison.Ordinal) || Refused(reason) ||
                reason.Message.Mark == BuildMessages.Install))
                yield return Of(reason, image, reason, more, facts);
        }
    }

    /// <summary>True for a module that dracut was told to take; what it leaves out by itself it words otherwise.</summary>
    private static bool Refused(ToolSaid said) => said.Message.Mark == BuildMessages.Module && !said.Taken[0]
        .StartsWith("memstrack", StringComparison.Ordinal) &&
        (said.Message.Wording.StartsWith("dracut[E]: Module", StringComparison.Ordinal) ||
            said.Message.Wording.StartsWith("dracut: Module", StringComparison.Ordinal));

    /// <summary>What dracut gives as its reason in the line in which it gives up; null where that tells only that it did.</summary>
    private static string? OwnReason(ToolSaid end) => end.Message.Wording == InitramfsMessages.Fatal && end.Taken[0].Trim() is var words &&
        !words.StartsWith("Creation of", StringComparison.Ordinal) && !words.StartsWith("FAILED", StringComparison.Ordinal) ? words : null;

    /// <summary>What else the builder missed, each once.</summary>
    private static string Besides(ToolSaid? reason, List<ToolSaid> more)
    {
        const int Most = 6;
        string[] others = [.. more.Where(m => m.Message.Stage == ToolStage.Initramfs && m.Message.Mark.Length > 0)
            .Select(m => m.Taken.Count > 0 && !m.Message.Mark.Contains("{1}", StringComparison.Ordinal)
                ? $"{m.Taken[0].Trim(' ', '\'', '`')}: {m.Message.Mark}" : ToolSaid.Fill(m.Message.Mark, m.Taken))
            .Distinct(StringComparer.Ordinal).Skip(reason is null ? 0 : 1)];
        return others.Length == 0 ? "" : $" It tells of {Counted.Of(others.Length, "more thing")}: {string.Join("; ", others.Take(Most))}" +
            (others.Length > Most ? " …" : ".");
    }

    /// <summary><c>cpio says "Permission denied"</c>: which of the programs it calls gave a reason; null if none did.</summary>
    private static string? Said(IReadOnlyList<Source> words) => words.Count > 0 && FailureReason.WordsOf(words[0].Plain) is { } why &&
        PastedTrouble.WhoSays(KernelLine.Parse(words[0].Plain).Message) is { } who ? $"{who} says \"{why}\"" : null;

    private Finding Of(ToolSaid end, ToolSaid? image, ToolSaid? reason, List<ToolSaid> more, Facts facts)
    {
        string? own = reason is null ? OwnReason(end) : null;
        IReadOnlyList<Source> words = reason is null ? WordsBefore.Of(facts, end.Source) : [];
        string name = Name(image ?? end), path = name.Length == 0 ? "the initramfs" : $"the initramfs {name}";
        string[] asked = end.Message.Mark == InitramfsMessages.Failed && end.Taken.Count > 0 ? DracutInstall.NamesOf(end.Source.Text) : [];
        bool module = reason is not null && asked.Length > 0 &&
            reason.Message.Wording.StartsWith("dracut-install: Failed to find module", StringComparison.Ordinal);
        if (module || reason?.Message.Mark == BuildMessages.Install || (reason is null && asked.Length > 0))
            return OfInstall(end, reason, [.. more.Where(m => m.Message == reason?.Message).Select(m => m.Taken[0].Trim(' ', '\''))
                .Distinct(StringComparer.Ordinal)], asked, path);
        string besides = Besides(reason, more);
        string title;
        if (own is not null)
            title = $"{path} could not be built: dracut says \"{Printable.Escape(own)}\"";
        else if (reason is null)
            title = $"{path} could not be built" + (Said(words) is { } said ? $": {said}" : "");
        else if (Refused(reason))
            title = $"dracut cannot take its module {reason.Taken[0]} into {path}";
        else if (reason.Message.Stage == ToolStage.Building)
            title = $"{path} could not be built completely";
        else
            title = $"{path} could not be built completely: {ToolSaid.Fill(reason.Message.Mark, reason.Taken)}" +
                (besides.Length == 0 ? "" : ", and more");
        (string? why, string? command) = reason?.Message.Mark switch
        {
            BuildMessages.Kernel or BuildMessages.Module => KdumpImageNotBuilt.NeedsOf(reason.Taken[0]),
            _ => (null, null),
        };
        why = reason?.Message.Mark is BuildMessages.Kernel or BuildMessages.Module
            ? $"dracut's module {reason.Taken[0]} could not be installed" +
                (why is null ? "; the build's output says why." : $": {why}.")
            : reason?.Means;
        return new Finding(Id, title, Severity.Error, reason is null ? 0.85 : 0.95,
            why switch
            {
                { Length: > 0 } => why + besides,
                _ when own is not null => "The builder stopped, and that is its reason.",
                _ when words.Count > 0 => $"The builder stopped.{WordsBefore.Tell(words)}",
                _ => "The builder stopped; no line gives the reason.",
            } +
            " Until the build succeeds, this kernel has an old image, an incomplete one, or none, and may not boot: " +
                "do not reboot the machine into it before.")
        {
            Subject = name.Length == 0 ? null : name,
            CausedBy = ["filesystem-full", "root-device-not-resolved", "filesystem-io-error",
                .. reason is null && own is null ? ["out-of-memory"] : Array.Empty<FindingRef>()],
            Evidence = [.. words.Concat(new[] { reason?.Source, image?.Source, end.Source }.Known()).DistinctBy(s => (s.Input, s.Line))],
            Fixes = command switch
            {
                not null => [new Fix("Check what exists", command)],
                _ when reason is null || reason.Message.Fixes.Length == 0 => [new Fix("Build it by hand and read the messages",
                    "update-initramfs -u -v 2>&1 | tail -40   # Arch: " + "mkinitcpio -P; Fedora, SUSE: dracut -f")],
                _ => [.. DumpServices.Fitting(reason, DumpService.Unknown)],
            },
        };
    }

    /// <summary>dracut-install did not find a file or a module; dracut itself goes on.</summary>
    private Finding OfInstall(ToolSaid end, ToolSaid? reason, string[] missed, string[] asked, string path)
    {
        const int Most = 8;
        string what = missed.Length > 0 ? string.Join(", ", missed.Take(Most)) + (missed.Length > Most ? " …" : "")
            : string.Join(", ", asked);
        bool group = DracutInstall.IsGroup(what), modules = end.Source.Text.Contains(" -m ", StringComparison.Ordinal) ||
            reason?.Message.Wording.Contains("module", StringComparison.Ordinal) == true;
        string name = what.TrimStart('=');
        string title, why;
        if (group)
            (title, why) = ($"dracut found no kernel modules below {name} for {path}",
                $"dracut asks for all modules of {name} " +
                $"(written ={name}), and this kernel has none there: they are built in, or were left out of it. " +
                "dracut goes on without them; harmless unless a device of that kind is needed to start.");
        else if (reason is not null)
            (title, why) = OfReason(what, missed.Length > 1, path, modules, programs: asked.Length > 0 && !modules);
        else
            (title, why) = ($"dracut could not put all of this into {path}: {what}", "At least one of them is not there" +
                (modules ? " as a module of that kernel" : " or needs a library that is not there") +
                "; the line of dracut-install before this one (ERROR:) names it. " +
                "dracut goes on without, and what needs it in the initramfs will fail.");
        string plain = string.Join(' ', (reason is null ? asked : missed).Take(Most).Where(PlainWord.Is));
        return new Finding(Id, title, group || (modules && reason is not null) ? Severity.Warning : Severity.Error, 0.9, why)
        {
            Evidence = [.. new[] { reason?.Source, end.Source }.Known().DistinctBy(s => (s.Input, s.Line))],
            Fixes = group ? [new Fix("See whether that kernel has such modules", $"ls /lib/modules/$(uname -r)/kernel/{(PlainWord.Is(name) ?
                    name : "drivers")}")]
                : [new Fix("See which of them is missing, and what each needs", plain.Length switch
                {
                    0 => null,
                    _ when modules => $"for m in {plain}; do modinfo -k $(uname -r) -n $m; done",
                    _ => $"for f in {plain}; do ldd $(command -v $f); done",
                }),
                    new Fix("Install what is missing, or take it out of dracut's configuration; then build the image again",
                        "grep -rn . /etc/dracut.conf /etc/dracut.conf.d; dracut -f 2>&1 | grep -iE 'error|failed'")],
        };
    }

    private static (string Title, string Why) OfReason(string what, bool several, string path, bool modules, bool programs)
    {
        if (modules)
            return ($"dracut could not put the kernel module{(several ? "s" : "")} {what} into {path}",
                (several ? $"This kernel does not have them ({what}): they are built in, or were" : $"This kernel has no module {what}: " +
                    "it is built in, or was") + " left out of its configuration. dracut goes on without; " +
                "that matters only where the machine's disk, network or console needs just such a driver. " +
                "Older versions leave out what is named behind it in the same list as well.");
        string title = $"dracut could not put {what} into {path}";
        if (what.Contains('/', StringComparison.Ordinal))
            return (title, (several ? "These files, or libraries that they need, are" : "That file, or a library that it needs, is") +
                " not there or cannot be read. dracut goes on, and what needs the file in the initramfs will fail.");
        // dracut's command for it follows: one for kernel modules has -m.
        if (programs)
            return (title, (several ? "These programs are" : "That program is") + " not installed: a package is missing, as in a small " +
                "chroot. dracut goes on without, and what calls it in the initramfs will fail.");
        return several
            ? (title, "They are programs that are not installed (a package is missing, as in a small chroot), or kernel modules " +
                "that this kernel has built in or not at all. dracut goes on without them.")
            : (title, "It is a kernel module that this kernel has built in or not at all " +
                "(the list of modules in dracut's configuration still asks for it), or a program that is not installed. " +
                "dracut goes on without it.");
    }

    /// <summary>The path of the image, or empty: a step of the builder may stand there instead.</summary>
    private static string Name(ToolSaid said)
    {
        if (said.Message.Mark is not (InitramfsMessages.Image or InitramfsMessages.Failed) || said.Taken.Count == 0)
            return "";
        string name = said.Taken[0].Trim(' ', '\'', '"', '`');
        if (name.StartsWith("Creation of ", StringComparison.Ordinal))
            name = name["Creation of ".Length..].Split(' ')[0];
        return name.StartsWith('/') && !name.Contains(' ') && !name.Contains("/dracut-install", StringComparison.Ordinal) ? name : "";
    }
}
