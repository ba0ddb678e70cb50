using System.CommandLine;
using Kdump.Cli.Reports;
using Kdump.Cli.Terminals;
using Kdump.Diagnosis.Model;
using Kdump.Diagnosis.Reports;
using Kdump.Diagnosis.Rules.Images;
using Kdump.Formats.Archives;
using Kdump.Sources.Hosts;
using Kdump.Sources.Inputs;
using Kdump.Sources.Trees;

namespace Kdump.Cli.Commands;

/// <summary><c>kdt image check IMG</c>: what would fail in it, checked before a crash.</summary>
internal static class ImageCheckCommand
{
    public static Command Build(Context context)
    {
        var path = new Argument<string>("image") { Description = "An initramfs, kdump.img or unified kernel image; - is standard input" };
        var root = new Option<string>(
            "--root") { Description = RootOption.Description + "; 'none' checks the image alone", DefaultValueFactory = _ => "/" };
        var json = new Option<bool>("--json") { Description = "Print the verdict as JSON" };
        Option<bool> verbose = AnswerOptions.Verbose(), quiet = AnswerOptions.Quiet();
        var command = new Command("check",
            "Check an image against its machine: modules, firmware, libraries, configuration, ids, size.\n" +
            "\nExample: kdt image check /boot/initramfs-$(uname -r)kdump.img --root /") { path, root, verbose, quiet, json };
        command.SetAction(parsed => Run(context, parsed.GetValue(path)!, parsed.GetValue(root)!, parsed.GetValue(json),
            AnswerOptions.Form(parsed.GetValue(verbose), parsed.GetValue(quiet))));
        return command;
    }

    private static int Run(Context context, string path, string rootPath, bool json, AnswerForm form)
    {
        MachineTree? root = rootPath == "none" ? null : RootArgument.Open(rootPath);
        using BootImage image = ImageInput.Open(path, context.Input);
        Facts facts = ImageCollector.Collect(image, root);
        RootNote.Tell(context, root, facts);
        Verdict verdict = context.Said(Verdict.From(facts, ImageRuleBook.All).For(DumpTools.Of(facts)).WorstFirst(ImageRuleBook.IsOfImage),
            json);
        if (json)
            ImageCheckJson.Write(context.Output, image, root, facts, verdict);
        else if (form == AnswerForm.Quiet)
            context.Output.WriteLine(Printable.Escape(verdict.Headline));
        else if (context.Terminal.Screen && form == AnswerForm.Usual)
            new VerdictScreen(context.Terminal, verdict, DumpTools.Of(facts)).Write(context.Output, [],
                TextLines.Of(w => ImageCheckText.Write(w, image, root, facts, context.Terminal.Words)));
        else
        {
            ImageCheckText.Write(context.Output, image, root, facts, context.Terminal.Words);
            new VerdictText(context.Output, context.Terminal.Width, context.Terminal.Colour, context.Terminal.Words).Write(verdict);
        }
        return RootNote.Exit(context, verdict, root);
    }
}
