using System.ComponentModel;
using System.Diagnostics;

namespace Kdump.Sources.Gather;

/// <summary>The result of running a program.</summary>
/// <param name="Failure">Why there is no whole output; null when the program ran to its end.</param>
public sealed record ProgramResult(byte[] Output, int? Exit, string? Failure, double Seconds);

/// <summary>
/// Runs a program for a limited time and keeps a limited output. A program that is blocked in the kernel by a dead device cannot be
/// killed: it is abandoned.
/// </summary>
public static class BoundedProgram
{
    private static readonly string[] Folders = ["/usr/sbin", "/usr/bin", "/sbin", "/bin", "/usr/local/sbin", "/usr/local/bin"];

    /// <summary>The program's file; null when it is not installed. A plain user's PATH often lacks the sbin folders.</summary>
    public static string? Find(string name) =>
        Folders.Concat((Environment.GetEnvironmentVariable("PATH") ?? "").Split(':', StringSplitOptions.RemoveEmptyEntries))
            .Select(f => Path.Combine(f, name)).FirstOrDefault(File.Exists);

    public static ProgramResult Run(string file, IEnumerable<string> arguments, TimeSpan patience, int maxOutput)
    {
        long began = Stopwatch.GetTimestamp();
        Process process;
        try
        {
            var start = new ProcessStartInfo(file, arguments) { RedirectStandardInput = true, RedirectStandardOutput = true,
                RedirectStandardError = true, UseShellExecute = false, WorkingDirectory = "/" };
            start.Environment["LC_ALL"] = "C";
            process = Process.Start(start)!;
        }
        catch (Exception e) when (e is Win32Exception or IOException or InvalidOperationException)
        {
            return new([], null, e.Message, 0);
        }
        process.StandardInput.Close();
        var output = new MemoryStream();
        string complaint = "";
        Thread errors = Pump(process.StandardError.BaseStream, 4096,
            kept => complaint = System.Text.Encoding.UTF8.GetString(kept).Trim().Split('\n')[0]);
        bool full = false;
        Thread reader = Pump(process.StandardOutput.BaseStream, maxOutput, kept =>
        {
            full = kept.Length == maxOutput;
            output.Write(kept);
        });
        bool ended = process.WaitForExit(patience) && reader.Join(patience) && errors.Join(patience);
        double seconds = Stopwatch.GetElapsedTime(began).TotalSeconds;
        if (!ended)
        {
            Kill(process);
            // Its output is dropped, because the reading thread may still write to the buffer.
            return new([], null, $"no answer within {patience.TotalSeconds:0} s", seconds);
        }
        using (process)
        {
            int exit = process.ExitCode;
            string? trouble;
            if (full)
                trouble = $"only the first {maxOutput >> 10} kB were kept";
            else if (exit != 0 && output.Length == 0)
                trouble = complaint.Length > 0 ? complaint : $"exit {exit}, no output";
            else
                trouble = null;
            return new(output.ToArray(), exit, trouble, seconds);
        }
    }

    /// <summary>Reads to the end, so that the program never blocks on the pipe, and keeps only the beginning.</summary>
    private static Thread Pump(Stream stream, int keep, Action<byte[]> done)
    {
        var thread = new Thread(() =>
        {
            var kept = new MemoryStream();
            var buffer = new byte[32 << 10];
            try
            {
                for (int n; (n = stream.Read(buffer)) > 0;)
                    kept.Write(buffer, 0, (int)Math.Min(n, keep - kept.Length));
            }
            catch (IOException)
            {
                // The program was killed: its output until then is kept.
            }
            done(kept.ToArray());
        }) { IsBackground = true };
        thread.Start();
        return thread;
    }

    private static void Kill(Process process)
    {
        try
        {
            process.Kill();
        }
        catch (Exception e) when (e is InvalidOperationException or Win32Exception or NotSupportedException)
        {
            // It has just ended, or cannot be killed: do not wait for it.
        }
    }
}
