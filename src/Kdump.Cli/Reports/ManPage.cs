using System.CommandLine;
using System.Text;

namespace Kdump.Cli.Reports;

/// <summary>
/// A manual page (man(7)) made from a command's help: the text of <c>--help</c>, exit codes, environment and related pages. There
/// is one page for kdt and one per command, with its subcommands as sections.
/// </summary>
internal sealed class ManPage(TextWriter output, string date)
{
    private const string Bold = @"\fB", Italic = @"\fI", Roman = @"\fR";

    /// <summary>File name of a command's page; null for kdt itself.</summary>
    public static string FileName(Command? command) => command is null ? "kdt.1" : $"kdt-{command.Name}.1";

    public void Write(Command root, Command? command)
    {
        Command shown = command ?? root;
        string name = command is null ? "kdt" : $"kdt-{command.Name}";
        output.WriteLine(@".\"" Made by kdt man from the help of its commands.");
        output.WriteLine($".TH {name.ToUpperInvariant()} 1 {date} \"kdump toolkit\" \"User Commands\"");
        output.WriteLine(".SH NAME");
        Fill($"{Escape(name)} \\- {Escape(Sentence(shown))}");
        output.WriteLine(".SH SYNOPSIS");
        output.WriteLine(string.Join("\n.br\n", Synopsis(root, command is null ? [] : [command])));
        output.WriteLine(".SH DESCRIPTION");
        Prose(shown);
        if (command is null)
            Commands(root);
        else
            foreach (Command sub in Visible(shown))
                Section(root, [shown, sub]);
        Examples(shown);
        output.WriteLine(".SH OPTIONS");
        if (command is not null)
            Parts(shown);
        Options(root, recursive: true);
        Ends(root, command);
    }

    private static IEnumerable<Command> Visible(Command command) => command.Subcommands.Where(c => !c.Hidden);

    private static string[] Paragraphs(Command command) => (command.Description ?? "").Split("\n\n");

    private static string Sentence(Command command)
    {
        // The dot of a file name (kdump.img) ends no sentence.
        return Paragraphs(command)[0].ReplaceLineEndings(" ").Split([". ", "; "], 2, StringSplitOptions.None)[0].TrimEnd('.');
    }

    private static IEnumerable<string> Synopsis(Command root, Command[] path)
    {
        Command shown = path.Length == 0 ? root : path[^1];
        if (Visible(shown).Any() && path.Length > 0)
            return Visible(shown).SelectMany(sub => Synopsis(root, [.. path, sub]));
        var line = new StringBuilder($"{Bold}kdt{string.Concat(path.Select(c => " " + Escape(c.Name)))}{Roman}");
        if (path.Length == 0)
            line.Append($" {Italic}COMMAND{Roman}");
        foreach (Option option in shown.Options.Where(o => !o.Hidden && !IsHelp(o)))
            line.Append($" [{Bold}{Escape(option.Name)}{Roman}{Value(option)}]");
        foreach (Argument argument in shown.Arguments.Where(a => !a.Hidden))
        {
            string one = $"{Italic}{Escape(argument.Name)}{Roman}";
            string many = argument.Arity.MaximumNumberOfValues > 1 ? @"\|.\|.\|." : "";
            line.Append(argument.Arity.MinimumNumberOfValues == 0 ? $" [{one}{many}]" : $" {one}{many}");
        }
        return [Filled(line.ToString())];
    }

    private void Prose(Command command)
    {
        bool first = true;
        foreach (string paragraph in Paragraphs(command).Where(p => !IsExample(p)))
        {
            // An item of a list begins a paragraph of its own.
            if (!first && !IsItem(paragraph))
                output.WriteLine(".PP");
            first = false;
            foreach (string line in paragraph.Split('\n', StringSplitOptions.RemoveEmptyEntries))
                Line(line);
        }
    }

    /// <summary>A line of a description; one that begins with a dash is an item of a list.</summary>
    private void Line(string line)
    {
        bool item = IsItem(line);
        if (item)
            output.WriteLine(@".IP \(bu 2");
        Fill(Escape(item ? line[2..] : line));
    }

    private static bool IsItem(string line) => line.StartsWith("- ", StringComparison.Ordinal);

    private void Commands(Command root)
    {
        foreach (Command command in Visible(root))
        {
            output.WriteLine(".TP");
            output.WriteLine($"{Bold}kdt {Escape(command.Name)}{Roman}");
            Fill(Escape(Paragraphs(command)[0]));
        }
    }

    private void Section(Command root, Command[] path)
    {
        Command shown = path[^1];
        output.WriteLine($".SS kdt{string.Concat(path.Select(c => " " + Escape(c.Name)))}");
        Prose(shown);
        Parts(shown);
        Examples(shown);
        foreach (Command sub in Visible(shown))
            Section(root, [.. path, sub]);
    }

    private void Parts(Command shown)
    {
        foreach (Argument argument in shown.Arguments.Where(a => !a.Hidden && !string.IsNullOrEmpty(a.Description)))
        {
            output.WriteLine(".TP");
            output.WriteLine($"{Italic}{Escape(argument.Name)}{Roman}");
            Fill(Escape(argument.Description!));
        }
        Options(shown, recursive: false);
    }

    private void Options(Command shown, bool recursive)
    {
        foreach (Option option in shown.Options.Where(o => !o.Hidden && !IsHelp(o) && o.Recursive == recursive))
        {
            output.WriteLine(".TP");
            output.WriteLine(string.Join(", ", option.Aliases.Order(StringComparer.Ordinal).Append(option.Name)
                .Select(a => $"{Bold}{Escape(a)}{Roman}{Value(option)}")));
            Fill(Escape(option.Description ?? ""));
        }
    }

    private void Examples(Command command)
    {
        foreach (string paragraph in Paragraphs(command).Where(IsExample))
        {
            string[] lines = paragraph.Split('\n');
            output.WriteLine(".PP");
            output.WriteLine(lines.Length > 1 ? "Examples:" : "Example:");
            output.WriteLine(".PP\n.RS 4\n.nf");
            foreach (string line in lines.Length > 1 ? lines[1..] : [lines[0][(lines[0].IndexOf(':') + 1)..]])
                output.WriteLine(@"\&" + Escape(line.Trim()));
            output.WriteLine(".fi\n.RE");
        }
    }

    private void Ends(Command root, Command? command)
    {
        output.WriteLine("""
            .SH EXIT STATUS
            .TP
            0
            Checked, and found nothing of severity error or critical.
            .TP
            1
            Found something wrong, or lines that report a problem that no rule recognises.
            .TP
            2
            Could not check: wrong usage, an input that does not exist or was not
            recognised, or no input at all. Standard error has one line for each
            such input.
            .SH ENVIRONMENT
            .TP
            """);
        output.WriteLine($"""
            {Bold}KDT_PAGER{Roman}, {Bold}PAGER{Roman}
            The pager for output that is longer than a screen; empty or
            {Bold}cat{Roman} for none. If neither is set, {Bold}less{Roman} is used.
            .TP
            {Bold}NO_COLOR{Roman}, {Bold}FORCE_COLOR{Roman}, {Bold}CLICOLOR{Roman}, {Bold}CLICOLOR_FORCE{Roman}
            Switch colour off or on, as in other programs.
            {Bold}\-\-color{Roman} takes precedence over all of them.
            .TP
            {Bold}LC_ALL{Roman}, {Bold}LC_MESSAGES{Roman}, {Bold}LANG{Roman}, {Bold}LANGUAGE{Roman}
            Reports are in Chinese if one of these selects it (zh) and the encoding is UTF-8, but not on the kernel's own
            console (TERM=linux). {Bold}\-\-lang{Roman} takes precedence over all of them. JSON and the forms for monitoring
            are English unless {Bold}\-\-lang{Roman} selects another language. Help, these pages and error messages are English.
            .SH SEE ALSO
            """);
        IEnumerable<string> pages = Visible(root).Where(c => c != command).Select(c => $"kdt-{c.Name}");
        output.WriteLine(string.Join(",\n", pages.Prepend("kdt").Where(p => command is not null || p != "kdt").Order(StringComparer.Ordinal)
            .Select(p => $"{Bold}{Escape(p)}{Roman}(1)").Concat([$"{Bold}kdump\\-toolkit{Roman}(7)", $"{Bold}kdump\\-probe{Roman}(8)"])));
    }

    private static bool IsHelp(Option option) => option is System.CommandLine.Help.HelpOption or VersionOption;

    private static bool IsExample(string paragraph) => paragraph.StartsWith("Example", StringComparison.Ordinal);

    private static string Value(Option option) => option.ValueType == typeof(bool) ? ""
        : $" {Italic}{Escape(option.HelpName ?? option.Name.TrimStart('-').ToUpperInvariant())}{Roman}";

    private void Fill(string text) => output.WriteLine(Filled(text));

    /// <summary>Wraps words at 78 columns; no line begins with a roff request.</summary>
    private static string Filled(string text)
    {
        const int widest = 78;
        var filled = new StringBuilder();
        int column = 0;
        foreach (string word in text.Split([' ', '\n'], StringSplitOptions.RemoveEmptyEntries))
        {
            if (column > 0 && column + 1 + word.Length > widest)
            {
                filled.Append('\n');
                column = 0;
            }
            string shown = column == 0 && word[0] is '.' or '\'' ? @"\&" + word : word;
            filled.Append(column == 0 ? "" : " ").Append(shown);
            column += shown.Length + (column == 0 ? 0 : 1);
        }
        return filled.ToString();
    }

    /// <summary>
    /// Escapes text for roff: backslashes, hyphens (so that they can be copied), and a request at the start of a line.
    /// </summary>
    private static string Escape(string text)
    {
        var escaped = new StringBuilder(text.Replace("\\", @"\e", StringComparison.Ordinal).Replace("-", @"\-", StringComparison.Ordinal)
            .Replace("…", "...", StringComparison.Ordinal).Replace("–", @"\-", StringComparison.Ordinal));
        return escaped.Length > 0 && escaped[0] is '.' or '\'' ? @"\&" + escaped : escaped.ToString();
    }
}
