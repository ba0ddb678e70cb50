namespace Kdump.Diagnosis.Crashes;

/// <summary>One line of a printed stack.</summary>
/// <param name="Name">The function as printed, with the compiler's suffixes (<c>foo.isra.0</c>).</param>
/// <param name="Offset">Bytes into the function; -1 where not printed.</param>
/// <param name="Size">Of the function; -1 where not printed.</param>
/// <param name="Reliable">False: the unwinder found the address on the stack but could not confirm it (<c>? </c>,
/// <c>(unreliable)</c>).</param>
public readonly record struct StackFrame(string Name, long Offset, long Size, string? Module, bool Reliable)
{
    /// <summary>The function as its source calls it: what compilers append starts with a dot, and Rust hides the path.</summary>
    public string Function => FunctionNames.Demangled(FrameLine.Bare(Name));

    /// <summary>For a sentence: <c>f() of the module m</c>, or <c>f()</c>.</summary>
    public string Told => $"{Function}(){(Module is null ? "" : $" of the module {Module}")}";

    /// <summary>For a title: <c>f [m]</c>, or <c>f</c>.</summary>
    public string Titled => Module is null ? Function : $"{Function} [{Module}]";
}
