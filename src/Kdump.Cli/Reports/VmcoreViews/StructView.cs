using System.Globalization;
using System.Text.Json;
using Kdump.Cli.Terminals;
using Kdump.Formats.Bytes;
using Kdump.Kernel;
using Kdump.Kernel.Expressions;
using Kdump.Kernel.Types;

namespace Kdump.Cli.Reports.VmcoreViews;

/// <summary><c>kdt vmcore struct</c> and <c>union</c>: the members of a type, or their values in objects.</summary>
/// <param name="offsets">The addresses of the members instead of their values.</param>
internal sealed class StructView(Context context, Vmcore vmcore, Interpreter interpreter, ObjectStyle style, bool offsets)
{
    /// <summary>Prints the type alone.</summary>
    public void Type(CType type, IReadOnlyList<string> members) =>
        new TypeText(interpreter.Types, context.Output).Whole(type, members);

    public void TypeAsJson(CType type, IReadOnlyList<string> members) => UnreadText.Json(context.Output, vmcore, "kdt.vmcore.struct/1",
        json => new TypeJson(interpreter.Types, json).Whole(type, members));

    /// <summary>Prints objects of the type.</summary>
    public void Objects(CType type, string[] members, IEnumerable<(string? Label, VirtualAddress First)> places, long count)
    {
        foreach ((string? label, VirtualAddress first) in places)
        {
            if (label is not null)
                context.Output.WriteLine(label);
            for (long i = 0; i < count; i++)
                One(type, members, first + i * type.Size);
        }
    }

    public void ObjectsAsJson(CType type, string[] members, IEnumerable<(string? Label, VirtualAddress First)> places, long count) =>
        UnreadText.Json(context.Output, vmcore, "kdt.vmcore.struct/1", json =>
        {
            CType bare = new TypeJson(interpreter.Types, json).Head(type);
            json.WriteStartArray("objects");
            foreach ((string? label, VirtualAddress first) in places)
                for (long i = 0; i < count; i++)
                    One(json, bare, members, first + i * type.Size, label);
            json.WriteEndArray();
        });

    private void One(CType type, string[] members, VirtualAddress at)
    {
        if (offsets)
        {
            new TypeText(interpreter.Types, context.Output).Whole(type, members, at.Value);
            return;
        }
        ObjectText text = new(vmcore, interpreter.Types, style, context.Output, context.Terminal.Width);
        KernelObject whole = KernelObject.At(vmcore.Memory, type, at);
        if (members.Length == 0)
            text.Object("", whole);
        foreach (string member in members)
            text.Member(member, interpreter.MemberOf(whole, member));
    }

    private void One(Utf8JsonWriter json, CType type, string[] members, VirtualAddress at, string? label)
    {
        json.WriteStartObject();
        json.WriteString("address", at.ToString());
        if (label is not null && int.TryParse(label.AsSpan(label.LastIndexOf(' ') + 1), CultureInfo.InvariantCulture, out int cpu))
            json.WriteNumber("cpu", cpu);
        if (offsets)
            new TypeJson(interpreter.Types, json).Members(type, members, at.Value);
        else
        {
            ObjectTree tree = new(interpreter.Types, style.Depth, style.ArrayLimit);
            KernelObject whole = KernelObject.At(vmcore.Memory, type, at);
            json.WritePropertyName("value");
            if (members.Length == 0)
                ObjectJson.Write(json, tree.Of(whole));
            else
            {
                json.WriteStartObject();
                foreach (string member in members)
                {
                    json.WritePropertyName(member);
                    ObjectJson.Write(json, tree.Of(interpreter.MemberOf(whole, member)));
                }
                json.WriteEndObject();
            }
        }
        json.WriteEndObject();
    }
}
