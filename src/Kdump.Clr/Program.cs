using System.Reflection;
using Kdump.Clr;
using Kdump.Formats.Bytes;

if (args is ["--help" or "-h"] or [])
{
    Console.Out.WriteLine(Options.Usage);
    return args.Length == 0 ? 2 : 0;
}
if (args is ["--version" or "-V"])
{
    string version = typeof(Options).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion;
    int plus = version.IndexOf('+', StringComparison.Ordinal);
    Console.Out.WriteLine(plus < 0 ? $"kdt-clr {version}"
        : $"kdt-clr {version[..plus]} ({version[(plus + 1)..Math.Min(version.Length, plus + 13)]})");
    return 0;
}
try
{
    Limits.Set();
    // ClrMD would ask servers for files.
    Environment.SetEnvironmentVariable("_NT_SYMBOL_PATH", null);
    return Question.Answer(Options.Parse(args), Console.Out, Console.Error);
}
catch (InputException e)
{
    Console.Error.WriteLine($"kdt-clr: {e.Message}");
    return 2;
}
// ClrMD and the runtime's own reader fail in ways of their own over memory that does not hold together.
catch (Exception e) when (e is not OutOfMemoryException)
{
    Console.Error.WriteLine($"kdt-clr: the runtime's structures cannot be read: {e.GetType().Name}: {e.Message}");
    return 2;
}
