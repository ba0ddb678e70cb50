namespace Kdump.Diagnosis.Model;

public enum Severity
{
    Info,
    Warning,
    Error,
    Critical,
}
