using Kdump.Diagnosis.Model;
using Kdump.Kernel;
using Kdump.Kernel.Expressions;
using Kdump.Kernel.Types;

namespace Kdump.Cli.Reports.VmcoreViews;

/// <summary><c>kdt vmcore whatis</c>: a type, or the type of a variable, function or expression.</summary>
internal sealed class WhatisView
{
    private readonly Vmcore vmcore;
    private readonly Interpreter interpreter;
    private readonly string text;

    /// <summary>The type that the text names; null where it names a value.</summary>
    private readonly CType? type;
    private readonly Result? value;

    /// <exception cref="ExpressionException">The text is neither a type nor an expression.</exception>
    public WhatisView(Vmcore vmcore, Interpreter interpreter, string text)
    {
        (this.vmcore, this.interpreter, this.text) = (vmcore, interpreter, text);
        type = interpreter.TypeOf(text);
        if (type is null && text.Length > 0 && text.All(c => char.IsAsciiLetterOrDigit(c) || c == '_') &&
            interpreter.Variable(text) is null)
            type = interpreter.Types.Any(text);
        value = type is null ? interpreter.Evaluate(text) : null;
    }

    public void Text(TextWriter output)
    {
        if (type is not null)
        {
            new TypeText(interpreter.Types, output).Whole(type, []);
            return;
        }
        switch (value)
        {
            case KernelObject { IsUntyped: true } untyped:
                output.WriteLine($"{text} is at 0x{untyped.Address}; its type is not in BTF");
                break;
            case KernelObject { Symbol: { } name } variable:
                string note;
                if (variable.PerCpu)
                    note = "  (per-CPU)";
                else
                    note = DeclaredBy(variable, name) is { } file ? $"  (as {file} declares it)" : "";
                output.WriteLine(Printable.Escape(CDeclaration.Of(variable.Type, name)) + ";" + note);
                break;
            case KernelObject one:
                output.WriteLine(Printable.Escape(one.Type.ToString()));
                break;
            case ObjectSequence many:
                output.WriteLine(ElementOf(many) is { } of ? $"a sequence; each element: {Printable.Escape(of.ToString())}"
                    : "an empty sequence");
                break;
        }
    }

    public void Json(TextWriter output) => UnreadText.Json(output, vmcore, "kdt.vmcore.whatis/1", json =>
    {
        json.WriteString("name", text);
        json.WriteString("is", Word());
        TypeJson types = new(interpreter.Types, json);
        if (type is not null)
            types.Whole(type, []);
        if (value is KernelObject { Symbol: { } name, IsUntyped: false } variable)
        {
            json.WriteString("declaration", CDeclaration.Of(variable.Type, name));
            if (variable.PerCpu)
                json.WriteBoolean("perCpu", true);
            else if (DeclaredBy(variable, name) is { } file)
                json.WriteString("declaredBy", file);
        }
        // A per-CPU variable has one address for each CPU.
        if (value is KernelObject { PerCpu: false, Address: { } at })
            json.WriteString("address", at.ToString());
        if ((value is ObjectSequence many ? ElementOf(many) : (value as KernelObject)?.Type) is { Kind: not CTypeKind.Unknown } of)
            types.Head(of);
    });

    private string Word() => value switch
    {
        KernelObject { IsUntyped: true } => "symbol",
        KernelObject { Symbol: not null, Type.Bare.Kind: CTypeKind.Function } => "function",
        KernelObject { Symbol: not null } => "variable",
        KernelObject => "expression",
        ObjectSequence => "sequence",
        _ => "type",
    };

    private static CType? ElementOf(ObjectSequence many) => many.FirstOrDefault(o => o.Failure is null)?.Type;

    /// <summary>The source file that declares a variable of which BTF has no type.</summary>
    private static string? DeclaredBy(KernelObject variable, string name) =>
        KnownVariables.Find(name) is { } known && variable.Type.Bare.Kind != CTypeKind.Function ? known.Source : null;
}
