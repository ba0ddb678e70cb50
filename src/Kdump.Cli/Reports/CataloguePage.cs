using Kdump.Cli.Terminals;
using Kdump.Diagnosis.Catalogue;
using Kdump.Diagnosis.Model;
using Kdump.Diagnosis.Reports;
using Kdump.Diagnosis.Rules;
using Kdump.Diagnosis.Text;

namespace Kdump.Cli.Reports;

/// <summary>The catalogue as docs/failures.md: one chapter an area, one section an entry.</summary>
internal static class CataloguePage
{
    private static readonly (Area Area, string Heading)[] Chapters =
    [
        (Area.Preparing, "Before the crash: memory, service, image, loading"), (Area.Starting, "The crash kernel starts"),
            (Area.Reaching, "The crash kernel brings up disk and network"),
        (Area.Writing, "The dump is written"), (Area.Hardware, "Hardware"), (Area.Crashing, "Crashes of the kernel itself"),
            (Area.Image, "The image (`kdt image check`)"),
    ];

    public static void Write(TextWriter writer, Words words)
    {
        writer.WriteLine($"# {words.Of("Failures that kdt knows")}");
        writer.WriteLine();
        writer.WriteLine(
            "Made by `kdt explain --rule all` from the catalogue in src/Kdump.Diagnosis/Catalogue; " +
                "a test fails if this page is out of date.");
        writer.WriteLine("`kdt explain --rule ID` prints one entry. `…` marks text that varies from case to case.");
        writer.WriteLine();
        foreach ((Area area, string heading) in Chapters)
        {
            writer.WriteLine($"- {words.Of(heading)}");
            foreach (Entry entry in Of(area))
                writer.WriteLine($"  - [{entry.Id}](#{entry.Id}): {Title(entry, words)}");
        }
        foreach ((Area area, string heading) in Chapters)
        {
            writer.WriteLine();
            writer.WriteLine($"## {words.Of(heading)}");
            foreach (Entry entry in Of(area))
                Section(writer, entry, words);
        }
    }

    private static IEnumerable<Entry> Of(Area area) => Entries.All.Where(e => e.Area == area).OrderBy(e => e.Id, StringComparer.Ordinal);

    private static void Section(TextWriter writer, Entry entry, Words words)
    {
        writer.WriteLine();
        writer.WriteLine($"### {entry.Id}");
        writer.WriteLine(Sentence(Title(entry, words)));
        writer.WriteLine();
        foreach (string sign in entry.Signature)
            writer.WriteLine($"- `{sign}`");
        if (entry is Failure failure)
        {
            if (failure.In != Life.Any)
                writer.WriteLine(
                    $"- in the log of {(failure.In == Life.Capture ? "the crash kernel" : "the first kernel")} " +
                    $"only{(failure.Signs.Count > 1 ? ", in this order" : "")}");
            if (failure.Unless is not null)
                writer.WriteLine($"- not if that kernel also printed `{failure.Unless}`");
        }
        writer.WriteLine();
        writer.WriteLine($"{words.Of("**Cause.** ")}{words.Of(entry.Id, entry.Cause)}");
        foreach (Fix fix in Fixes(entry))
            writer.WriteLine(
                $"{words.Of("**Fix.** ")}{(fix.Command is null ? Sentence(Text(entry, fix, words))
                    : $"{Text(entry, fix, words)}: `{Plain(fix.Command)}`.")}" +
                (fix.Risk is null ? "" : $" {words.Of("Caution: ")}{Sentence(words.Of(entry.Id, fix.Risk))}"));
        writer.WriteLine($"{words.Of("**Kernels.** ")}{entry.Kernels}. {words.Of("**Source.** ")}{entry.Origin}.");
    }

    private static IEnumerable<Fix> Fixes(Entry entry) => entry.Fixes.Select(f => FixesThatFit.ForAnyMachine(f, entry.Signature));

    private static string Text(Entry entry, Fix fix, Words words) =>
        words.Of(entry.Id, fix.Text) + (fix.Place is null ? "" : $" ({fix.Place})");

    private static string Title(Entry entry, Words words) => Plain(words.Of(entry.Id, entry.Title));

    /// <summary>With a full stop, which some translations have already.</summary>
    private static string Sentence(string text)
    {
        if (text.EndsWith('。'))
            return text;
        return Columns.Of(text.AsSpan()[^1..]) == 2 ? $"{text}。" : $"{text}.";
    }

    /// <summary>A title with its placeholders shown as <c>…</c>.</summary>
    private static string Plain(string title)
    {
        for (int i = 1; i < 6; i++)
            title = title.Replace($"{{{i}}}", "…", StringComparison.Ordinal);
        return title.Replace("{device}", "…", StringComparison.Ordinal).Replace("{bdf}", "…", StringComparison.Ordinal);
    }

    private static void Screen(TextWriter writer, Entry entry, Terminal terminal)
    {
        Words words = terminal.Words;
        writer.WriteLine(entry.Id);
        Prose.Sentence(writer, terminal, "", Sentence(Title(entry, words)));
        writer.WriteLine();
        foreach (string sign in entry.Signature)
            Prose.Sentence(writer, terminal, "| ", sign);
        Prose.Sentence(writer, terminal, words.Of("Cause: "), words.Of(entry.Id, entry.Cause));
        foreach (Fix fix in Fixes(entry))
        {
            Prose.Sentence(writer, terminal, words.Of("Fix: "), Text(entry, fix, words));
            if (fix.Command is not null)
                writer.WriteLine($"$ {Plain(fix.Command)}");
            if (fix.Risk is not null)
                Prose.Sentence(writer, terminal, words.Of("Caution: "), words.Of(entry.Id, fix.Risk));
        }
        Prose.Sentence(writer, terminal, words.Of("Kernels: "), entry.Kernels);
        Prose.Sentence(writer, terminal, words.Of("Source: "), entry.Origin);
    }

    /// <summary>Writes one entry; on a terminal with its sentences wrapped and its commands on separate lines.</summary>
    public static void WriteOne(TextWriter writer, Entry entry, Terminal terminal)
    {
        if (terminal.Screen)
        {
            Screen(writer, entry, terminal);
            return;
        }
        using var section = new StringWriter { NewLine = "\n" };
        Section(section, entry, terminal.Words);
        writer.Write(section.ToString().TrimStart('\n').Replace("**", "", StringComparison.Ordinal)
            .Replace("### ", "", StringComparison.Ordinal));
    }
}
