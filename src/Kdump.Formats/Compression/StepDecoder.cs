namespace Kdump.Formats.Compression;

/// <summary>Result of one call of <see cref="StepDecoder.Step"/>.</summary>
/// <param name="Ended">The compressed stream is complete; bytes after <paramref name="Consumed"/> are not part of it.</param>
/// <param name="Broken">Why decoding cannot continue after the written bytes; null if it can.</param>
public readonly record struct StreamStep(int Consumed, int Written, bool Ended, string? Broken = null);

/// <summary>A decoder to which the caller passes the input, like the decoders of C libraries.</summary>
public abstract class StepDecoder : StreamDecoder
{
    private bool ended;
    private string? broken;

    /// <summary>
    /// Consumes some of <paramref name="input"/>, writes some of <paramref name="output"/>. Nothing consumed and nothing written means
    /// that more input is needed; if <paramref name="last"/> is true there is none, so the stream is truncated.
    /// </summary>
    protected abstract StreamStep Step(ReadOnlySpan<byte> input, bool last, Span<byte> output);

    public sealed override int Read(PackedInput input, Span<byte> output)
    {
        while (!ended)
        {
            if (broken is not null)
                throw new StreamBrokenException(broken);
            StreamStep step = Step(input.Bytes, input.Last, output);
            input.Use(step.Consumed);
            ended = step.Ended;
            broken = step.Broken;
            if (step.Written > 0)
                return step.Written;
            if (step.Consumed > 0 || ended || broken is not null)
                continue;
            if (input.Last)
                throw new StreamBrokenException("the data is cut short", cut: true);
            input.More();
        }
        return 0;
    }

    public sealed override int Run(ReadOnlySpan<byte> input, Span<byte> output)
    {
        int written = 0;
        for (;;)
        {
            StreamStep step = Step(input, last: true, output[written..]);
            input = input[step.Consumed..];
            written += step.Written;
            if (step.Ended || written == output.Length)
                return written;
            if (step.Broken is { } why)
                throw new StreamBrokenException(why);
            if (step is { Consumed: 0, Written: 0 })
                throw new StreamBrokenException("the block is cut short", cut: true);
        }
    }
}
