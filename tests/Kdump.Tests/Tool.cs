using System.Diagnostics;

namespace Kdump.Tests;

/// <summary>Other people's programs as oracles: run where they are installed, a skip with a reason where not.</summary>
public static class Tool
{
    public static string? Find(string name) =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Append("/usr/sbin").Append("/sbin")
            .Select(d => Path.Combine(d, name)).FirstOrDefault(File.Exists);

    /// <summary>Runs a shell command in a folder; its output as bytes.</summary>
    public static byte[] Run(string command, string folder, byte[]? input = null)
    {
        var start = new ProcessStartInfo("/bin/sh", ["-c", command])
        {
            WorkingDirectory = folder, RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true,
                UseShellExecute = false,
        };
        using Process process = Process.Start(start)!;
        Task<string> errors = process.StandardError.ReadToEndAsync();
        Task writing = Task.Run(() =>
        {
            if (input is not null)
                process.StandardInput.BaseStream.Write(input);
            process.StandardInput.Close();
        });
        var output = new MemoryStream();
        process.StandardOutput.BaseStream.CopyTo(output);
        process.WaitForExit();
        writing.Wait();
        if (process.ExitCode != 0)
            throw new InvalidOperationException($"{command}: exit {process.ExitCode}: {errors.Result}");
        return output.ToArray();
    }
}

/// <summary>A test that needs programs which may not be installed.</summary>
public sealed class ToolFactAttribute : FactAttribute
{
    public ToolFactAttribute(params string[] tools)
    {
        string[] missing = tools.Where(t => Tool.Find(t) is null).ToArray();
        if (missing.Length > 0)
            Skip = $"needs {string.Join(", ", missing)}";
    }
}

/// <summary>As <see cref="ToolFactAttribute"/>, for theories.</summary>
public sealed class ToolTheoryAttribute : TheoryAttribute
{
    public ToolTheoryAttribute(params string[] tools)
    {
        string[] missing = tools.Where(t => Tool.Find(t) is null).ToArray();
        if (missing.Length > 0)
            Skip = $"needs {string.Join(", ", missing)}";
    }
}
