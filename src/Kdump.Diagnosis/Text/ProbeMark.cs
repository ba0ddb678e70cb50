namespace Kdump.Diagnosis.Text;

/// <summary>How kdump-probe marks its lines in a kernel log, so that they are read as its report and not as the kernel's words.</summary>
public static class ProbeMark
{
    public const string Prefix = "kdump-probe: ";
}
