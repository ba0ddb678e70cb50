namespace Kdump.Diagnosis.Crashes.Clues;

/// <summary>Who called the function in which the CPU was, where a report has no stack and a register that holds the return
/// address.</summary>
internal static class Callers
{
    public static IEnumerable<Clue> Read(ClueInput input)
    {
        StackFrame[] sure = [.. input.Frames.Where(f => f.Reliable).Take(2)];
        if (sure.Length > 1)
            yield break;
        string at = sure.Length > 0 ? sure[0].Function : input.Function ?? "";
        foreach (ReportLine line in input.Lines.Take(60))
        {
            if (NameOf(line.Text) is not { } caller)
                continue;
            // Behind a call that it made itself the register points into the function.
            if (at.Length > 0 && caller != at && caller != input.Function)
                yield return new Clue("called-from",
                    $"It was called from {caller}(), by the register that holds the return address.", input.SourceOf(line));
            yield break;
        }
    }

    private static string? NameOf(string line) =>
        FrameLine.AtStart(LinkRegister.SymbolOf(line)) is { } name ? FunctionNames.Demangled(FrameLine.Bare(name)) : null;
}
