using System.Runtime.ExceptionServices;
using Kdump.Cli.Terminals;
using Kdump.Diagnosis.Model;
using Kdump.Formats.Bytes;

namespace Kdump.Cli.Commands;

/// <summary>The two inputs of a comparison: where both are refused, both are told.</summary>
internal static class TwoInputs
{
    /// <exception cref="InputException">One of them is refused; the other's refusal, if any, was told already.</exception>
    public static (T A, T B) Open<T>(Context context, Func<T> a, Func<T> b) where T : class
    {
        T? first = null;
        InputException? refused = null;
        try
        {
            first = a();
        }
        catch (InputException e)
        {
            refused = e;
        }
        try
        {
            T second = b();
            if (first is not null)
                return (first, second);
            (second as IDisposable)?.Dispose();
        }
        catch (InputException e)
        {
            (first as IDisposable)?.Dispose();
            if (refused is not null && refused.Message != e.Message)
                context.Error.WriteLine($"kdt: {Printable.Escape(refused.Message)}");
            throw;
        }
        ExceptionDispatchInfo.Throw(refused!);
        return default;
    }
}
