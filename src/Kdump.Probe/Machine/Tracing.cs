using Kdump.Diagnosis.Evidence.Logs;
using Kdump.Diagnosis.Model;
using Kdump.Diagnosis.Text;

namespace Kdump.Probe.Machine;

/// <summary>
/// Traces one function with tracefs's function_graph tracer. Dispose restores every changed setting, in reverse order, and unmounts
/// tracefs if it was mounted here.
/// </summary>
internal sealed class Tracing : IDisposable
{
    private static readonly string[] Places = ["/sys/kernel/tracing", "/sys/kernel/debug/tracing"];

    private static readonly Root Live = new("/");

    private readonly Stack<(string File, string Value)> saved = new();
    private readonly string directory;
    private readonly bool mounted;

    private Tracing(string directory, bool mounted)
    {
        this.directory = directory;
        this.mounted = mounted;
    }

    /// <summary>
    /// True if the kernel has the option that prints return values (Linux 6.5 and later, CONFIG_FUNCTION_GRAPH_RETVAL).
    /// </summary>
    public bool HasReturnValues { get; private set; }

    /// <summary>Opens tracefs. Returns null, with the reason in <paramref name="problem"/>, if tracing is not available.</summary>
    public static Tracing? Open(out string problem)
    {
        problem = "";
        foreach (string place in Places)
        {
            if (Live.Exists(place + "/current_tracer"))
                return new(place, mounted: false);
        }
        if (!Live.Exists(Places[0]))
        {
            problem = "this kernel has no tracing (CONFIG_FTRACE)";
            return null;
        }
        if (Libc.Mount("tracefs", Places[0], "tracefs") != 0)
        {
            problem = $"tracefs cannot be mounted on {Places[0]}: {Errno.Name(Libc.LastError)}";
            return null;
        }
        if (Live.Exists(Places[0] + "/current_tracer"))
            return new(Places[0], mounted: true);
        _ = Libc.Unmount(Places[0]);
        problem = $"{Places[0]} has no current_tracer";
        return null;
    }

    /// <summary>Why tracing is not possible, checked before any device is touched; null if it is possible.</summary>
    public string? Obstacle()
    {
        string tracers = Live.Text(directory + "/available_tracers") ?? "";
        return tracers.Contains("function_graph", StringComparison.Ordinal) ? null
            : $"this kernel offers no function_graph tracer (it has: {tracers})";
    }

    /// <summary>Sets up tracing. Returns null, or the reason why setup failed.</summary>
    public string? Start(string function)
    {
        Set("tracing_on", "0");
        Set("current_tracer", "nop");
        HasReturnValues = Set("options/funcgraph-retval", "1") == 0;
        Set("options/funcgraph-proc", "0");
        Set("options/funcgraph-abstime", "0");
        Set("options/funcgraph-cpu", "1");
        Set("options/sleep-time", "1");
        Set("max_graph_depth", "0");
        Save("set_graph_function");
        int error = KernelFile.Write(directory + "/set_graph_function", function, Libc.WriteOnly | Libc.Truncate);
        if (error != 0)
            return $"the kernel cannot trace {function}: {Errno.Name(error)} (inlined, does not exist, or its module is not loaded)";
        error = KernelFile.Write(directory + "/current_tracer", "function_graph");
        if (error != 0)
            return $"function_graph refused: {Errno.Name(error)}";
        error = KernelFile.Write(directory + "/tracing_on", "1");
        return error != 0 ? $"tracing_on refused: {Errno.Name(error)}" : null;
    }

    /// <summary>Stops tracing, and reads the recorded trace.</summary>
    public Facts Stop(List<string> lines, int mostLines)
    {
        _ = KernelFile.Write(directory + "/tracing_on", "0");
        var facts = new Facts();
        using Stream? stream = Live.Stream(directory + "/trace", 16 * 1024 * 1024);
        if (stream is null)
            return facts;
        var parser = new FunctionGraph();
        var reader = new LineReader(directory + "/trace", stream);
        while (reader.Next(out TextLine line))
        {
            if (parser.Line(line, facts) && lines.Count < mostLines)
                lines.Add(line.Text.ToString());
        }
        parser.End(facts);
        return facts;
    }

    public void Dispose()
    {
        // If nothing was saved, nothing was changed, so nothing must be restored.
        if (saved.Count > 0)
        {
            _ = KernelFile.Write(directory + "/tracing_on", "0");
            _ = KernelFile.Write(directory + "/current_tracer", "nop");
        }
        while (saved.Count > 0)
        {
            (string file, string value) = saved.Pop();
            // An empty filter reads as "#### all functions enabled ####".
            string[] values = value.StartsWith('#') ? [] : value.Split('\n');
            if (file == "set_graph_function")
            {
                _ = KernelFile.Write($"{directory}/{file}", "", Libc.WriteOnly | Libc.Truncate);
                foreach (string one in values)
                    _ = KernelFile.Write($"{directory}/{file}", one, Libc.WriteOnly | Libc.Append);
            }
            else
                _ = KernelFile.Write($"{directory}/{file}", value);
        }
        if (mounted)
            _ = Libc.Unmount(directory);
    }

    private int Set(string file, string value)
    {
        if (!Save(file))
            return Libc.ENOENT;
        return KernelFile.Write($"{directory}/{file}", value);
    }

    private bool Save(string file)
    {
        if (Live.Text($"{directory}/{file}", Root.SmallFile * 4) is not string value)
            return false;
        saved.Push((file, value));
        return true;
    }
}
