namespace Kdump.Diagnosis.Crashes.Clues;

/// <summary><c>bpf_prog_896bb3a8c2cab17b_netdata_tcp_sendmsg+0xbc/0xb48</c>: who loaded the program is not in the kernel's own
/// code.</summary>
internal static class BpfPrograms
{
    private const string Mark = "bpf_prog_";

    private const int Tag = 16;

    public static IEnumerable<Clue> Read(ClueInput input)
    {
        foreach (StackFrame frame in input.Frames)
        {
            if (!frame.Reliable || NameOf(frame.Function) is not { } name)
                continue;
            yield return new Clue("bpf-program", $"The BPF program {name} is in the stack: " +
                "somebody loaded it (a monitoring, tracing or security agent, systemd, a container network), and the kernel ran it here. " +
                "\"bpftool prog\" lists the programs; what does without it shows whether it is part of this.",
                input.Find(Mark) is { } line ? input.SourceOf(line) : input.Report.Heading);
            yield break;
        }
    }

    private static string? NameOf(string? function) =>
        function is not null && function.StartsWith(Mark, StringComparison.Ordinal) && function.Length > Mark.Length + Tag + 1 &&
            function[Mark.Length + Tag] == '_' && FrameLine.IsHex(function.AsSpan(Mark.Length, Tag)) ? function[(Mark.Length + Tag + 1)..]
            : null;
}
