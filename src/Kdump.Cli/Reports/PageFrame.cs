using System.Net;
using System.Text;
using Kdump.Cli.Terminals;
using Kdump.Diagnosis.Model;
using Kdump.Diagnosis.Reports;
using Kdump.Formats.Bytes;

namespace Kdump.Cli.Reports;

/// <summary>
/// The frame of every page: style sheet, a short script that copies a command, and a Content-Security-Policy that allows only these
/// two, by their hashes. All text from inputs is escaped.
/// </summary>
internal static class PageFrame
{
    private const string Style = """

        :root { color-scheme: light dark; --ink: #1b1f24; --soft: #57606a; --line: #d0d7de; --paper: #fff; --box: #f6f8fa;
          --critical: #b3261e; --error: #b93a0a; --warning: #875b00; --info: #0860c4;
          --c0: #0860c4; --c1: #b93a0a; --c2: #1a7f37; --c3: #8250df; --c4: #875b00; --c5: #bf3989; --c6: #1b7c83; --c7: #57606a; }
        @media (prefers-color-scheme: dark) { :root { --ink: #e6edf3; --soft: #9da7b3; --line: #3d444d; --paper: #0d1117; --box: #161b22;
          --critical: #ff7b72; --error: #ffa657; --warning: #e3b341; --info: #79c0ff;
          --c0: #79c0ff; --c1: #ffa657; --c2: #56d364; --c3: #d2a8ff; --c4: #e3b341; --c5: #ff9bce; --c6: #39c5cf; --c7: #9da7b3; } }
        * { box-sizing: border-box; }
        body { margin: 0 auto; padding: 1.5rem 1.25rem 4rem; max-width: 72rem; font: 16px/1.5 system-ui, sans-serif; color: var(--ink); background: var(--paper); }
        a { color: var(--info); text-underline-offset: .15em; } a:focus-visible, button:focus-visible, summary:focus-visible { outline: 2px solid var(--info); outline-offset: 2px; }
        .skip { position: absolute; left: -100rem; } .skip:focus { position: static; }
        header p { color: var(--soft); margin: 0; }
        h1 { font-size: 1.4rem; line-height: 1.35; margin: .25rem 0 1rem; text-wrap: balance; overflow-wrap: anywhere; }
        h1 span { color: var(--soft); font-weight: 400; }
        dl.facts { display: grid; grid-template-columns: max-content 1fr; gap: .1rem 1rem; margin: 0 0 1rem; font-size: .92rem; }
        dl.facts dt { color: var(--soft); } dl.facts dd { margin: 0; overflow-wrap: anywhere; }
        h2 { font-size: 1.1rem; margin: 2.25rem 0 .75rem; padding-bottom: .3rem; border-bottom: 1px solid var(--line); overflow-wrap: anywhere; }
        article { border-left: 4px solid var(--line); padding: .1rem 0 .1rem 1rem; margin: 0 0 1.75rem; }
        article:target, li:target { background: var(--box); }
        article.critical { border-color: var(--critical); } article.error { border-color: var(--error); }
        article.warning { border-color: var(--warning); } article.info { border-color: var(--info); }
        h3 { font-size: 1.02rem; margin: 0 0 .15rem; overflow-wrap: anywhere; }
        .tags { color: var(--soft); font-size: .85rem; margin: 0 0 .5rem; overflow-wrap: anywhere; } .tags b { text-transform: uppercase; letter-spacing: .03em; font-size: .78rem; }
        .critical .tags b { color: var(--critical); } .error .tags b { color: var(--error); } .warning .tags b { color: var(--warning); } .info .tags b { color: var(--info); }
        p { margin: .4rem 0; overflow-wrap: anywhere; } ol, ul { margin: .4rem 0; padding-left: 1.4rem; } li { margin: .35rem 0; overflow-wrap: anywhere; }
        .impact { font-weight: 600; }
        h4 { font-size: .85rem; margin: .9rem 0 .2rem; color: var(--soft); }
        code, pre { font: 13px/1.45 ui-monospace, "DejaVu Sans Mono", Menlo, monospace; }
        .command { display: flex; gap: .5rem; align-items: flex-start; margin: .3rem 0; }
        .command pre { flex: 1; min-width: 0; background: var(--box); border: 1px solid var(--line); border-radius: 6px; padding: .5rem .7rem; margin: 0; white-space: pre-wrap; overflow-wrap: anywhere; }
        button { font: inherit; font-size: .82rem; padding: .35rem .7rem; border: 1px solid var(--line); border-radius: 6px; background: var(--box); color: var(--ink); cursor: pointer; }
        ul.evidence { list-style: none; padding: 0; } ul.evidence li { white-space: pre-wrap; margin: .2rem 0; padding: .1rem .3rem; font: 13px/1.45 ui-monospace, "DejaVu Sans Mono", Menlo, monospace; }
        ul.evidence a { color: var(--soft); margin-right: .6rem; } .mind { color: var(--soft); font-size: .92rem; }
        svg.graph { display: block; max-width: 100%; height: auto; font: 13px system-ui, sans-serif; }
        .graph rect { fill: var(--box); stroke: var(--line); stroke-width: 1.5; } .graph text { fill: var(--ink); } .graph a:focus-visible rect { stroke-width: 4; }
        .graph .critical rect { stroke: var(--critical); } .graph .error rect { stroke: var(--error); } .graph .warning rect { stroke: var(--warning); } .graph .info rect { stroke: var(--info); }
        .graph .arrow { fill: none; stroke: var(--soft); stroke-width: 1.5; } .graph .tip { fill: var(--soft); }
        ol.steps { list-style: none; padding: 0; display: none; } ol.steps li { border: 1.5px solid var(--line); border-radius: 6px; background: var(--box); padding: .5rem .7rem; margin: 0 0 1.6rem; position: relative; }
        ol.steps li.critical { border-color: var(--critical); } ol.steps li.error { border-color: var(--error); } ol.steps li.warning { border-color: var(--warning); } ol.steps li.info { border-color: var(--info); }
        ol.steps li + li::before { content: "↓"; position: absolute; top: -1.65rem; left: 50%; color: var(--soft); }
        table { border-collapse: collapse; } caption { text-align: left; } td, th { padding: .15rem 1rem .15rem 0; vertical-align: top; text-align: left; overflow-wrap: anywhere; } th { color: var(--soft); font-weight: 400; font-size: .85rem; }
        td.figure .key { float: left; margin-right: .5rem; } td.figure { text-align: right; white-space: nowrap; font-variant-numeric: tabular-nums; } td.when { white-space: nowrap; color: var(--soft); }
        .bar { display: block; width: 10rem; height: .7rem; margin-top: .45rem; } .bar rect { fill: var(--c0); }
        svg.map { display: block; width: 100%; max-width: 40rem; height: auto; } .map rect { fill: var(--line); }
        .k0 { --k: var(--c0); } .k1 { --k: var(--c1); } .k2 { --k: var(--c2); } .k3 { --k: var(--c3); } .k4 { --k: var(--c4); } .k5 { --k: var(--c5); } .k6 { --k: var(--c6); } .k7 { --k: var(--c7); }
        .map rect.k0, .map rect.k1, .map rect.k2, .map rect.k3, .map rect.k4, .map rect.k5, .map rect.k6, .map rect.k7 { fill: var(--k); } .key { color: var(--k); }
        ul.tree { list-style: none; padding: 0; font: 13px/1.45 ui-monospace, "DejaVu Sans Mono", Menlo, monospace; } ul.tree li { margin: .1rem 0; }
        .d1 { padding-left: 1.2rem; } .d2 { padding-left: 2.4rem; } .d3 { padding-left: 3.6rem; } .d4 { padding-left: 4.8rem; } .d5 { padding-left: 6rem; } .d6 { padding-left: 7.2rem; }
        li.bad { color: var(--critical); font-weight: 600; } li.way { font-weight: 600; }
        .scroll { overflow-x: auto; } .scroll table { min-width: 42rem; } .scroll table.fit { min-width: 0; } .scroll + h3 { margin-top: 1rem; } .scroll td, .scroll th { overflow-wrap: break-word; } .scroll td.when { white-space: nowrap; } h2::first-letter { text-transform: uppercase; } svg.trend { width: 7rem; height: 1.4rem; } .trend rect { fill: var(--c0); } details[id] { border-top: 1px solid var(--line); padding: .4rem 0; }
        table.heat td { padding: 0; border: 1px solid var(--line); min-width: 1.8rem; text-align: center; font-size: .8rem; } table.heat th { padding: .1rem .5rem .1rem 0; }
        .h1 { --heat: 15%; } .h2 { --heat: 22%; } .h3 { --heat: 29%; } .h4 { --heat: 36%; } .h5 { --heat: 43%; } .h6 { --heat: 50%; }
        table.heat td[class] { background: color-mix(in srgb, var(--critical) var(--heat), transparent); }
        @media (max-width: 44rem) { body { padding: 1rem .8rem 3rem; } svg.wide { display: none; } ol.steps { display: block; } h1 { font-size: 1.2rem; }
          .command { flex-direction: column; align-items: stretch; } ul.evidence a { display: block; } .bar { width: 5rem; } td, th { padding-right: .6rem; }
          table.rows, table.rows tbody, table.rows tr, table.rows td { display: block; } table.rows tr { margin: 0 0 .6rem; } table.rows thead { display: none; } td.when { white-space: normal; } }
        @media print { body { max-width: none; padding: 0; font-size: 10.5pt; } article, table tr, ol.steps li { break-inside: avoid; } button, .skip { display: none; } a { color: inherit; } }

        """;

    private const string Script = """

        const { copy = "Copy", copied = "Copied", selected = "Selected", label = "Copy the command: " } = document.documentElement.dataset;
        for (const pre of document.querySelectorAll(".command pre")) {
          const button = document.createElement("button");
          button.type = "button";
          button.textContent = copy;
          button.setAttribute("aria-label", label + pre.textContent);
          button.addEventListener("click", async () => {
            try { await navigator.clipboard.writeText(pre.textContent); button.textContent = copied; }
            catch { getSelection().selectAllChildren(pre); button.textContent = selected; }
            setTimeout(() => { button.textContent = copy; }, 2000);
          });
          pre.after(button);
        }
        // A printed page cannot be unfolded: print all parts open.
        const folded = [];
        addEventListener("beforeprint", () => {
          for (const part of document.querySelectorAll("details:not([open])")) { part.open = true; folded.push(part); }
        });
        addEventListener("afterprint", () => { for (const part of folded.splice(0)) part.open = false; });
        // A link to a folded part leads into it.
        const unfold = () => {
          const part = location.hash ? document.getElementById(location.hash.slice(1)) : null;
          if (part && part.tagName === "DETAILS") part.open = true;
        };
        addEventListener("hashchange", unfold);
        unfold();

        """;

    /// <param name="language">English if not given.</param>
    public static void Begin(TextWriter html, string title, Words? language = null)
    {
        Words words = language ?? Words.English;
        html.Write($"<!DOCTYPE html>\n<html lang=\"{words.Tag}\"{Buttons(words)}><head><meta charset=\"utf-8\">\n" +
            "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<meta http-equiv=\"Content-Security-Policy\" " +
            $"content=\"default-src 'none'; style-src '{Hash(Style)}'; script-src '{Hash(Script)}'; base-uri 'none'; " +
            $"form-action 'none'\">\n<title>{Text(title)}</title>\n<style>{Unix(Style)}</style></head><body>\n");
    }

    /// <summary>The words on the button that copies a command, for the script; English is in the script.</summary>
    private static string Buttons(Words words) => words == Words.English ? "" :
        $" data-label=\"{Text(words.Of("Copy the command: "))}\" data-copy=\"{Text(words.Of("Copy"))}\"" +
            $" data-copied=\"{Text(words.Of("Copied"))}\" data-selected=\"{Text(words.Of("Selected"))}\"";

    /// <summary>
    /// The head of a page: the command, the answer in one line, what identifies a printed page, the version. Opens the main part.
    /// </summary>
    /// <param name="rows">Those without a value are left out.</param>
    public static void Header(TextWriter html, string command, string title, IEnumerable<(string Name, string? Value)> rows, bool findings,
        Words? language = null)
    {
        if (findings)
            html.Write($"<a class=\"skip\" href=\"#findings\">{(language ?? Words.English).Of("To the findings")}</a>\n");
        html.Write($"<header><p>{Text(command)}</p>\n<h1>" +
            Text(title).Replace(" -&gt; ", " <span>→</span> ", StringComparison.Ordinal) + "</h1>\n");
        Rows(html, rows);
        html.Write($"<p>{Text(ProgramVersion.Line())}</p></header>\n<main>\n");
    }

    /// <summary>Names and their values; nothing if none has a value.</summary>
    public static void Rows(TextWriter html, IEnumerable<(string Name, string? Value)> rows)
    {
        (string Name, string? Value)[] known = [.. rows.Where(r => r.Value is not null)];
        if (known.Length == 0)
            return;
        html.Write("<dl class=\"facts\">\n");
        foreach ((string name, string? value) in known)
            html.Write($"<dt>{Text(name)}</dt><dd>{Text(value!)}</dd>\n");
        html.Write("</dl>\n");
    }

    /// <summary>The time at which a page about a machine that still runs was made.</summary>
    public static (string Name, string? Value) Today(string name) =>
#pragma warning disable RS0030 // The page says when it was made
        (name, DateTime.UtcNow.ToString("yyyy-MM-dd HH:mm 'UTC'", System.Globalization.CultureInfo.InvariantCulture));
#pragma warning restore RS0030

    /// <summary>Begins a table that is wider than a telephone; it scrolls by itself.</summary>
    public static void BeginScroll(TextWriter html, string label) =>
        html.Write($"<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"{Text(label)}\">\n");

    public static void End(TextWriter html) => html.Write($"</main>\n<script>{Unix(Script)}</script>\n</body></html>\n");

    /// <summary>Escapes text of an input for an element or an attribute.</summary>
    public static string Text(string text) => WebUtility.HtmlEncode(Printable.Escape(text));

    // Browsers hash the text with LF line ends, but this file may have been checked out with CR LF.
    private static string Hash(string text) => "sha256-" + Convert.ToBase64String(Sha256.Of(Encoding.UTF8.GetBytes(Unix(text))));

    private static string Unix(string text) => text.Replace("\r", "", StringComparison.Ordinal);
}
