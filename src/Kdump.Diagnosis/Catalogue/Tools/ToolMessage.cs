namespace Kdump.Diagnosis.Catalogue.Tools;

/// <summary>The step that a kdump tool was in when it printed a line.</summary>
public enum ToolStage
{
    /// <summary>The kernel sets memory aside for the crash kernel, or a service finds none.</summary>
    Reserving,

    /// <summary>kexec loads a kernel.</summary>
    Loading,

    /// <summary>dracut, initramfs-tools or mkdumprd build the image.</summary>
    Building,

    /// <summary>initramfs-tools, dracut or mkinitcpio build the initramfs that a machine starts with.</summary>
    Initramfs,

    /// <summary>The dump target is mounted.</summary>
    Mounting,

    /// <summary>An initramfs brings its network up.</summary>
    Networking,

    /// <summary>The old memory is opened.</summary>
    Opening,

    /// <summary>The old memory is read.</summary>
    Reading,

    /// <summary>The dump is written, here or over the network.</summary>
    Writing,

    /// <summary>makedumpfile interprets the old kernel's structures.</summary>
    Structures,

    /// <summary>makedumpfile looks at its options and at what it was given.</summary>
    Using,

    /// <summary>A script looks for a program that writes the dump.</summary>
    Absent,

    /// <summary>makedumpfile or vmcore-dmesg look for the old kernel's log.</summary>
    LogBuffer,

    /// <summary>An initramfs mounts its root file system.</summary>
    Root,

    /// <summary>kdump's service looks at its settings and its target.</summary>
    Checking,

    /// <summary>crash(8) opens a dump.</summary>
    Opened,
}

/// <summary>
/// One message of a kdump tool or a program that it calls: kexec, kdumpctl, kdump-tools, dracut, makedumpfile, mount … One rule for
/// each stage reads them; the first message of a table that a log holds gives the reason, so the most specific come first.
/// </summary>
/// <param name="Stage">The step that the program was in.</param>
/// <param name="Wording">A <see cref="Text.Shape"/> that the line holds.</param>
/// <param name="Means">A sentence or two, with <c>{1}</c>, <c>{2}</c> for what the wording captured; empty: it tells nothing by
/// itself.</param>
/// <param name="Fixes">What helps.</param>
public sealed record ToolMessage(ToolStage Stage, string Wording, string Means, params ToolFix[] Fixes)
{
    /// <summary>The name by which a rule finds the message, where a rule needs it.</summary>
    public string Mark { get; init; } = "";
}

/// <summary>One fix, for the tools of one distribution or for all.</summary>
public sealed record ToolFix(string Text, string? Command = null, string? Risk = null, DumpService For = DumpService.Unknown)
{
    public Fix Filled(IReadOnlyList<string> taken) =>
        new(ToolSaid.Fill(Text, taken), Command is null ? null : ShellWord.Into(Command, [.. taken.Select(ToolSaid.Plain)]), Risk);
}

/// <summary>A line of an input matched a message.</summary>
/// <param name="Taken">The texts that the wording captured.</param>
public sealed record ToolSaid(Source Source, ToolMessage Message, IReadOnlyList<string> Taken) : Fact(Source)
{
    public string Means => Fill(Message.Means, Taken);

    public static string Fill(string text, IReadOnlyList<string> taken)
    {
        for (int i = 0; i < taken.Count; i++)
            text = text.Replace($"{{{i + 1}}}", Plain(taken[i]), StringComparison.Ordinal);
        return text;
    }

    internal static string Plain(string taken) => taken.Trim(' ', '.', '\'', '`', '"');
}
