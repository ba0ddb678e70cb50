using System.Text.Json;
using Kdump.Cli.Terminals;
using Kdump.Diagnosis.Model;
using Kdump.Formats.Bytes;
using Kdump.Kernel;
using Kdump.Kernel.Expressions;
using Kdump.Kernel.Types;

namespace Kdump.Cli.Reports.VmcoreViews;

/// <summary>
/// <c>kdt vmcore print</c>: expressions with their values. An expression that fails prints its error, and the others are still
/// evaluated.
/// </summary>
internal sealed class ObjectsView(Context context, Vmcore vmcore, Interpreter interpreter, ObjectStyle style)
{
    /// <summary>Prints the value of each; false if one fails.</summary>
    public bool Text(IEnumerable<string> expressions)
    {
        bool good = true;
        foreach (string expression in expressions)
            good &= Text(expression);
        return good;
    }

    public bool Text(string expression)
    {
        ObjectText text = new(vmcore, interpreter.Types, style, context.Output, context.Terminal.Width);
        try
        {
            switch (interpreter.Evaluate(expression))
            {
                case KernelObject { PerCpu: true } variable:
                    OnEachCpu(variable);
                    break;
                case KernelObject one:
                    text.Object(Printable.Escape(expression), one);
                    break;
                case ObjectSequence many:
                    Sequence(text, many);
                    break;
            }
            return true;
        }
        catch (ExpressionException e)
        {
            Wrong(context.Error, expression, e);
        }
        catch (InputException e)
        {
            context.Error.WriteLine($"kdt: {Printable.Escape(expression)}: {Printable.Escape($"{e.Field}: {e.Reason}")}");
        }
        return false;
    }

    public bool Json(IEnumerable<string> expressions)
    {
        bool good = true;
        UnreadText.Json(context.Output, vmcore, "kdt.vmcore.print/1", json =>
        {
            json.WriteStartArray("expressions");
            foreach (string expression in expressions)
            {
                json.WriteStartObject();
                json.WriteString("expression", expression);
                good &= Json(json, expression);
                json.WriteEndObject();
            }
            json.WriteEndArray();
        });
        return good;
    }

    /// <summary>Prints the expression, with the position of the error and the message below it.</summary>
    public static void Wrong(TextWriter output, string expression, ExpressionException e)
    {
        // Of a long line, show only the part around the error.
        const int before = 60, room = 100;
        string line = Printable.Escape(expression.Replace('\n', ' '));
        int column = Math.Clamp(e.Column, 0, line.Length), from = Math.Max(0, column - before);
        output.WriteLine($"kdt: {(from > 0 ? "…" : "")}{line.AsSpan(from, Math.Min(room, line.Length - from))}");
        output.WriteLine($"{new string(' ', 5 + (from > 0 ? 1 : 0) + column - from)}^ {Printable.Escape(e.Message)}");
    }

    /// <summary>Prints the address of a per-CPU variable on each CPU.</summary>
    private void OnEachCpu(KernelObject variable)
    {
        context.Output.WriteLine($"{Printable.Escape(CDeclaration.Of(variable.Type, variable.Symbol ?? ""))};  a per-CPU variable: " +
            $"per_cpu({variable.Symbol}, CPU)");
        foreach (KernelObject on in (ObjectSequence)interpreter.Evaluate($"&per_cpu({variable.Symbol})"))
            context.Output.WriteLine($"  {on.Label} 0x{on.Load():x}");
    }

    private void Sequence(ObjectText text, ObjectSequence many)
    {
        int shown = 0;
        foreach (KernelObject item in many)
        {
            if (shown++ >= style.SequenceLimit)
            {
                context.Output.WriteLine($"… and more (--limit {style.SequenceLimit})");
                Cut();
                break;
            }
            text.Element(item);
        }
        UnreadText.Lost(vmcore, many.Damages);
    }

    /// <summary>An answer that ends at the default limit is incomplete; with --limit it is what the user asked for.</summary>
    private void Cut()
    {
        if (style.Most is null)
            UnreadText.Lost(vmcore, [new Damage(vmcore.Dump.Name, "output", -1,
                $"only the first {Counted.Of(style.SequenceLimit, "element")} are shown")]);
    }

    private bool Json(Utf8JsonWriter json, string expression)
    {
        ObjectTree tree = new(interpreter.Types, style.Depth, style.ArrayLimit);
        try
        {
            Result result = interpreter.Evaluate(expression);
            if (result is KernelObject one)
            {
                json.WriteString("type", one.Type.ToString());
                if (one.Address is { } address)
                    json.WriteString("address", $"0x{address}");
                json.WritePropertyName("value");
                ObjectJson.Write(json, tree.Of(one));
                return true;
            }
            // A walk that fails on the way must not leave half an array.
            List<KernelObject> items = [.. ((ObjectSequence)result).Take(Math.Min(style.SequenceLimit, int.MaxValue - 1) + 1)];
            json.WriteStartArray("values");
            foreach (KernelObject item in items.Take(style.SequenceLimit))
                ObjectJson.Write(json, tree.Of(item));
            json.WriteEndArray();
            // Not all of it: --limit ended it, not the list.
            json.WriteBoolean("more", items.Count > style.SequenceLimit);
            if (items.Count > style.SequenceLimit)
                Cut();
            UnreadText.Lost(vmcore, ((ObjectSequence)result).Damages);
            json.WriteStartArray("damages");
            foreach (Damage damage in ((ObjectSequence)result).Damages)
                json.WriteStringValue($"{damage.Field}: {damage.Reason}");
            json.WriteEndArray();
            return true;
        }
        catch (ExpressionException e)
        {
            json.WriteNumber("column", e.Column);
            json.WriteString("error", e.Message);
        }
        catch (InputException e)
        {
            json.WriteString("error", $"{e.Field}: {e.Reason}");
        }
        return false;
    }
}
