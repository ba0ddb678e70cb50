using Kdump.Diagnosis.Evidence.Images;

namespace Kdump.Diagnosis.Rules.Images;

/// <summary>makedumpfile refuses the arguments of core_collector, or they do not fit the target.</summary>
public sealed class ImageCoreCollector : Rule
{
    public override string Id => "core-collector-invalid";

    public override IEnumerable<Opinion> Judge(Facts facts)
    {
        foreach (CollectorProblem p in facts.Of<CollectorProblem>())
        {
            bool absent = p.Missing.Length > 0;
            yield return new Finding(Id, p.Problem, Severity.Error, 0.9,
                absent ? "The image is built without it, or not at all: nothing can write the dump." : "makedumpfile ends " +
                    "before it writes anything; kdumpctl reports this when it starts; in the crash kernel it is too late.")
            {
                Subject = p.Source.Place,
                Evidence = [p.Source],
                Fixes = absent ? [new Fix("Install it, then build the image again",
                    $"dnf install {ShellWord.Of(Path(p.Missing))} && kdumpctl rebuild && kdumpctl restart") { For = KdumpTools.RedHat }]
                    : [.. DumpImage.Rebuild(
                        "Correct core_collector and rebuild: makedumpfile -l -d 31 for a file, makedumpfile -F -l -d 31 for ssh and raw")],
            };
        }
    }

    /// <summary>dnf finds a package by the path of a file in it; the package's name differs between releases.</summary>
    private static string Path(string program)
    {
        if (program.StartsWith('/'))
            return program;
        return program == "makedumpfile" ? "/usr/sbin/makedumpfile" : $"/usr/bin/{program}";
    }
}
