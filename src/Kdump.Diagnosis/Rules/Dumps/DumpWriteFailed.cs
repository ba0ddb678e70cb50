using Kdump.Diagnosis.Catalogue.Tools;
using Kdump.Diagnosis.Evidence.Logs;

namespace Kdump.Diagnosis.Rules.Dumps;

/// <summary>Memory was read, but the dump could not be written: the disk, its file system, the server or the network failed.</summary>
public sealed class DumpWriteFailed : Rule
{
    public override string Id => "dump-write-failed";

    public override Entry Entry => new("dump-write-failed", "the dump could not be written to its target")
    {
        Area = Area.Writing,
        Signature =
        [
            "write_buffer: Can't write the dump file(…). Input/output error",
            "ssh: connect to host … port …: No route to host",
            "rsync error: …",
            "saving vmcore failed",
        ],
        Cause = "The messages before \"failed\" give the reason: " +
            "an I/O error, a read-only or full file system, rights, ssh keys, name resolution, the network of the crash kernel.",
        Fixes = [new("Test the target from the first kernel with the settings of the crash kernel", "kdumpctl status")],
        Origin = "makedumpfile.c write_buffer(), OpenSSH, rsync errcode.h, kdump-utils kdump.sh dump_ssh()",
    };

    public override IEnumerable<Opinion> Judge(Facts facts)
    {
        // makedumpfile's own message is enough, and ssh's in a kernel that is certainly the crash kernel; others count only if a dump
        // failed.
        DumpProgress? failure = Saving.Failure(facts);
        List<ToolSaid> said = failure is not null ? [.. Saving.Before(failure, facts).OfType<ToolSaid>()]
            : [.. facts.Of<ToolSaid>().Where(s => s.MayBeCapture && s.Message.Stage == ToolStage.Writing && !DumpSaved.In(s.Boot, facts) &&
                (s.Source.Text.Contains("the dump file(", StringComparison.Ordinal) || (s.Boot?.Capture == true &&
                s.Source.Text.Contains("ssh: connect to host", StringComparison.Ordinal))))];
        if (said.FirstOrDefault() is not { Message.Stage: ToolStage.Writing } first || first.Message.Mark == WriteMessages.Full)
            yield break;
        DumpService service = DumpServices.Of(facts);
        LostNetwork? lost = LostNetwork.Before(first, facts);
        yield return new Finding(Id, "the dump could not be written to its target" + (lost is null ? "" : $": {lost.Title}"),
            Severity.Critical, 0.95, first.Means + lost?.Why)
        {
            CausedBy = ["ssh-target-refuses-key", "network-not-ready", "driver-probe-failed", "filesystem-shut-down", "disk-offline"],
            Explains = ["vmcore-incomplete"],
            Evidence = [.. said.Where(s => s.Message.Stage == ToolStage.Writing).Select(s => s.Source).Take(3),
                .. lost?.Evidence ?? [], .. new[] { failure?.Source }.Known()],
            Fixes = [.. lost?.Fixes ?? [], .. DumpServices.Fitting(first, service)],
        };
    }
}
