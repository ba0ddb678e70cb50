using Kdump.Diagnosis.Model;

namespace Kdump.Cli.Terminals;

/// <summary>Exit codes of the program.</summary>
internal static class ExitCode
{
    /// <summary>The check was made and found nothing wrong.</summary>
    public const int Fine = 0;

    /// <summary>The check was made and found a problem.</summary>
    public const int Found = 1;

    /// <summary>The check could not be made.</summary>
    public const int Failed = 2;

    /// <summary>
    /// The reader closed standard output: the exit status that a shell shows for SIGPIPE, by which the program then ends.
    /// </summary>
    public const int ReaderLeft = 128 + 13;

    /// <summary>
    /// The exit code of verdicts. What could not be judged because of a fault of ours is printed on standard error, one line each, which a
    /// user can send to the project; such a verdict is not whole.
    /// </summary>
    /// <param name="whole">All of the input could be read.</param>
    public static int Of(Context context, bool whole, params ReadOnlySpan<Verdict> verdicts)
    {
        bool bad = false, faulty = false;
        foreach (Verdict verdict in verdicts)
        {
            bad |= verdict.Bad;
            foreach (Fault fault in verdict.Faults)
            {
                faulty = true;
                string place = fault.Source.Input.Length > 0 ? $" {Printable.Escape(fault.Source.Place)}:" : "";
                context.Error.WriteLine($"kdt:{place} could not judge: {fault.Where} (bug of {ProgramVersion.Line()}: " +
                    $"{Printable.Escape(fault.Source.Text)}); the rest is judged. Please report this line.");
            }
        }
        if (faulty)
            return Failed;
        if (bad)
            return Found;
        return whole ? Fine : Failed;
    }
}
