using System.Text;

namespace Kdump.Cli.Commands;

/// <summary>Copies what is written, until the user presses Ctrl-C.</summary>
internal sealed class CancellableWriter(TextWriter output, Func<bool> cancelled) : TextWriter
{
    public override Encoding Encoding => output.Encoding;

    public override void Write(char value)
    {
        Check();
        output.Write(value);
    }

    public override void Write(string? value)
    {
        Check();
        output.Write(value);
    }

    public override void Write(char[] buffer, int index, int count)
    {
        Check();
        output.Write(buffer, index, count);
    }

    public override void WriteLine(string? value)
    {
        Check();
        output.WriteLine(value);
    }

    public override void Flush() => output.Flush();

    private void Check()
    {
        if (cancelled())
            throw new OperationCanceledException();
    }
}
