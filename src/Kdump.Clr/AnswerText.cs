using System.Globalization;
using System.Text;

namespace Kdump.Clr;

/// <summary>The answer as text.</summary>
internal static class AnswerText
{
    public static void Write(TextWriter to, Answer answer)
    {
        to.WriteLine($".NET {Plain(answer.Version)}{(answer.BuildId is null ? "" : $", libcoreclr.so {answer.BuildId}")}, " +
            $"read by {Plain(answer.Dac)}");
        foreach (IReadOnlyList<ClrThreadFact> circle in answer.Deadlocks())
            to.WriteLine($"DEADLOCK: {string.Join(" waits for ", circle.Append(circle[0]).Select(t => Who(t)))}");
        to.WriteLine();
        foreach (ClrThreadFact thread in answer.Threads)
        {
            to.WriteLine($"THREAD {thread.OsId}  managed {thread.ManagedId}{(thread.Name is null ? "" : $"  \"{Plain(thread.Name)}\"")}" +
                $"{(thread.Finalizer ? "  finalizer" : "")}{(thread.Alive ? "" : "  ended")}");
            foreach (ClrFrameFact frame in thread.Frames)
                Frame(to, frame);
            foreach (ulong wanted in thread.WaitsFor)
                to.WriteLine($"    waits for the lock of {wanted:x16}");
            if (thread.Exception is { } exception)
            {
                to.WriteLine($"    exception {exception.Address:x16} {Plain(exception.Type)}: " +
                    $"{Plain(exception.Message ?? "(no message)")}");
                foreach (ClrFrameFact frame in exception.Frames)
                    Frame(to, frame);
            }
            to.WriteLine();
        }
        if (answer.Locks.Count > 0)
            to.WriteLine("LOCKS");
        foreach (ClrLockFact held in answer.Locks)
            to.WriteLine($"    {held.Object:x16} {Plain(held.Type)}: held by thread " +
                $"{held.OwnerOsId?.ToString(CultureInfo.InvariantCulture) ?? "(not known)"}" +
                $"{(held.Recursion > 1 ? $", {held.Recursion} times" : "")}{(held.Waiting > 0 ? $", {held.Waiting} waiting" : "")}");
        if (answer.Heap.Count > 0)
        {
            to.WriteLine(string.Create(CultureInfo.InvariantCulture, $"HEAP  {answer.HeapObjects} objects, {answer.HeapBytes} bytes"));
            to.WriteLine($"{"BYTES",14} {"COUNT",10}  TYPE");
            foreach (ClrTypeFact type in answer.Heap)
                to.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{type.Bytes,14} {type.Count,10}  {Plain(type.Type)}"));
        }
        foreach (string note in answer.Notes)
            to.WriteLine(Plain(note));
    }

    /// <summary>Bytes of an input never reach a terminal as they are.</summary>
    public static string Plain(string text)
    {
        StringBuilder plain = new(text.Length);
        foreach (char c in text)
            if (char.IsControl(c) || c is '\u2028' or '\u2029' || char.IsSurrogate(c))
                plain.Append(CultureInfo.InvariantCulture, $"\\u{(int)c:x4}");
            else
                plain.Append(c);
        return plain.ToString();
    }

    private static string Who(ClrThreadFact thread) => thread.Name is null ? $"thread {thread.OsId}"
        : $"\"{Plain(thread.Name)}\" ({thread.OsId})";

    private static void Frame(TextWriter to, ClrFrameFact frame) =>
        to.WriteLine($"    [{frame.Sp:x16}] {frame.Ip:x16} {Plain(frame.Name)}");
}
