using System.Runtime.InteropServices;

namespace Kdump.Tests.Host;

/// <summary>Runs where programs of x86-64 Linux run.</summary>
public sealed class LinuxX64FactAttribute : FactAttribute
{
    public LinuxX64FactAttribute()
    {
        if (!OperatingSystem.IsLinux() || RuntimeInformation.ProcessArchitecture != Architecture.X64 || !File.Exists("/bin/echo"))
            Skip = "needs Linux on x86-64 and /bin/echo";
    }
}
