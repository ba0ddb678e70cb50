using Kdump.Diagnosis.Catalogue.Tools;

namespace Kdump.Diagnosis.Rules.Dumps;

/// <summary>dracut leaves out a module because another, which it needs, cannot be installed; it goes on with the image.</summary>
public sealed class DracutModuleLeftOut : Rule
{
    public override string Id => "dracut-module-left-out";

    public override Entry Entry => new(Id, "dracut cannot take a module into the image, nor what depends on it")
    {
        Area = Area.Preparing,
        Signature = ["dracut[E]: Module '…' depends on module '…', which can't be installed"],
        Cause = "A module's own check found that something is missing: " +
            "a program, a unit of systemd, a kernel module, or its place differs from where this version of dracut looks. " +
            "Every module that needs it is left out as well. The image is built without them.",
        Fixes = [new("See which check refuses", "dracut -f --debug /tmp/test.img 2>&1 | grep -iE 'cannot be installed|not found' | head")],
        Origin = "dracut dracut-init.sh check_module(); dracut-ng issue 1691",
    };

    public override IEnumerable<Opinion> Judge(Facts facts)
    {
        foreach (IGrouping<string, ToolSaid> input in facts.Of<ToolSaid>().Where(s => s.Boot?.Capture != true &&
            s.Message.Mark == BuildMessages.Depends).GroupBy(s => s.Source.Input))
        {
            ToolSaid[] said = [.. input];
            string[] left = [.. said.Select(s => s.Taken[0]).Distinct(StringComparer.Ordinal)];
            // A module that is left out itself is not the reason.
            string[] roots = [.. said.Select(s => s.Taken[1]).Distinct(StringComparer.Ordinal).Where(m => Array.IndexOf(left, m) < 0)];
            string root = roots.Length > 0 ? roots[0] : said[0].Taken[1];
            (string? needs, string? command) = KdumpImageNotBuilt.NeedsOf(root);
            bool systemd = root.StartsWith("systemd", StringComparison.Ordinal);
            yield return new Finding(Id, $"dracut cannot take its module {root} into the image, and leaves out what depends on it: " +
                string.Join(", ", left.Take(6)) + (left.Length > 6 ? " …" : ""), Severity.Warning, 0.9,
                (needs is null ? "The module's own check found something missing, which dracut tells only with --debug."
                    : $"{char.ToUpperInvariant(needs[0])}{needs[1..]}.") + " The image is built without these" +
                (systemd ? ": its start then goes by dracut's shell scripts, or does not work where systemd is needed (encryption, TPM, " +
                    "volatile root)." : "; what needs them at the start does not work."))
            {
                Subject = root,
                Explains = ["kdump-image-not-built", "initramfs-not-built"],
                Evidence = [.. said.DistinctBy(s => s.Source.Text).Select(s => s.Source).Take(4)],
                Fixes = [new Fix("See what that module needs and does not find", command ??
                    $"dracut -f --debug /tmp/test.img 2>&1 | grep -i '{(PlainWord.Is(root) ?
                    root : "cannot")}'"), new Fix("After an update of systemd: update dracut as well, then build the image again",
                    KdumpImageNotBuilt.Stopped(facts) ? $"dracut --version; {DumpServices.Rebuild(DumpServices.Of(facts))}"
                        : "dracut --version; dracut -f 2>&1 | grep 'dracut\\[E\\]'")],
            };
        }
    }
}
