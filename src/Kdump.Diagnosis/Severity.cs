namespace Kdump.Diagnosis;

public enum Severity
{
    Info,
    Warning,
    Error,
    Critical,
}
