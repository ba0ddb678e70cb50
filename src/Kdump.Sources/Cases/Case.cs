using System.Text.Json;
using Kdump.Diagnosis.Evidence.Machines;
using Kdump.Diagnosis.Model;
using Kdump.Diagnosis.ProbeReports;
using Kdump.Diagnosis.Text;
using Kdump.Formats.Bytes;
using Kdump.Formats.Dumps;
using Kdump.Sources.Inputs;
using Kdump.Sources.Machines;
using Kdump.Sources.Trees;

namespace Kdump.Sources.Cases;

/// <summary>Everything a user gave, recognised by content and turned into facts.</summary>
public sealed class Case
{
    /// <summary>
    /// Maximum number of files to read from one folder, so that a whole file system given by mistake is not read for hours.
    /// </summary>
    private const int MaxFiles = 10_000;

    private const string StandardInput = "(standard input)";

    /// <summary>Hosts of a central log whose lines are read in one pass: each has a set of parsers.</summary>
    private const int HostsAtOnce = 64;

    /// <summary>Size limit for a report.</summary>
    private const int MaxReport = 64 << 20;

    private readonly Func<Stream> standardInput;
    private readonly List<CaseUnit> units = [];

    /// <summary>The signs of all parsers, built once because building takes as long as reading a log of some thousand lines.</summary>
    private SignTable? signs;

    /// <summary>A folder or an archive with more files was not put together for one case.</summary>
    private const int MostChosen = 32;

    /// <summary>What is being read is one of more than <see cref="MostChosen"/> files of a folder or an archive.</summary>
    private bool heap;

    /// <summary>The path that the user gave, of which the input that is being read is a part.</summary>
    private string given = "";

    /// <summary>The hosts in the input that is being read.</summary>
    private HostColumn? hosts;

    /// <summary>The hosts where a record of the journal has a line for each field.</summary>
    private RecordHosts? records;

    /// <summary>Additional parsers of the caller.</summary>
    private readonly Func<IEnumerable<LineParser>> further;

    private bool hashed;

    private Case(Func<Stream> standardInput, Func<IEnumerable<LineParser>> further) =>
        (this.standardInput, this.further) = (standardInput, further);

    public IReadOnlyList<CaseInput> Inputs => [.. units.SelectMany(u => u.Inputs)];

    /// <summary>
    /// The machines that the inputs are from, in reading order; one machine if nothing shows that there are several.
    /// </summary>
    public IReadOnlyList<CaseMachine> Machines { get; private set; } = [];

    /// <summary>Facts of the only or the first machine.</summary>
    public Facts Facts => Machines[0].Facts;

    /// <summary>The unit that is being read.</summary>
    private CaseUnit Unit => units[^1];

    /// <summary>Reads paths (files, folders, <c>-</c>) in a fixed order, so that the user's order does not matter.</summary>
    /// <param name="further">Creates additional parsers of the caller for every text; null for none.</param>
    /// <param name="texts">Output of programs, by the command that printed it.</param>
    /// <param name="hashed">Inputs get their <see cref="CaseInput.Content"/>.</param>
    public static Case Read(IEnumerable<string> paths, Func<Stream> standardInput, Func<IEnumerable<LineParser>>? further = null,
        IEnumerable<(string Name, byte[] Text)>? texts = null, bool hashed = false)
    {
        var result = new Case(standardInput, further ?? (() => [])) { hashed = hashed };
        var seen = new Copies();
        var opened = new HashSet<string>(StringComparer.Ordinal);
        int left = MaxFiles;
        var parts = new List<string>();
        foreach (string path in paths.Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal))
        {
            result.given = path;
            int before = result.units.Count;
            if (path != "-" && Directory.Exists(path) && CollectedMachine.Is(new FolderTree(path)))
            {
                result.ReadMachine(new MachineTree(path), path);
                continue;
            }
            string[] files = [.. result.Expand(path).Order(StringComparer.Ordinal).Take(left)];
            result.heap = files.Length > MostChosen;
            foreach (string file in files)
            {
                left--;
                if (!opened.Add(file))
                    continue;
                if (PstoreFiles.MayBe(file) && FileKind.NotSeekable(file) is null && File.Exists(file))
                {
                    parts.Add(file);
                    continue;
                }
                result.Begin(Path.GetDirectoryName(file) ?? "");
                // Skip copies of a file, so that events are not counted twice.
                if (seen.Of(file) is { } first)
                    result.Unit.Inputs.Add(new(file, CaseInput.Copy, $"the same as {first}: read once"));
                else
                    result.ReadFile(file, file);
            }
            // pstore parts of a folder are read now; parts that were named one by one are read when all paths are known.
            if (path != "-" && Directory.Exists(path))
                result.ReadParts(parts, seen);
            result.Named(before, path);
        }
        result.heap = false;
        result.ReadParts(parts, seen);
        foreach ((string name, byte[] text) in texts ?? [])
        {
            result.Begin("");
            result.ReadMember(name, new MemoryStream(text), archives: false);
        }
        foreach (CaseUnit unit in result.units)
        {
            foreach (CaseInput input in unit.Inputs.Where(i => i.Lacking))
                unit.Facts.Add(new PartlyRead(new Source(input.Path, input.Note ?? input.Kind), Nothing: !input.Partial));
            // For kernel logs the fact LinesRead has the number of lines.
            foreach (CaseInput input in unit.Inputs.Where(i => i.Judged && i.Kernel == 0))
                unit.Facts.Add(new KindRead(new Source(input.Path, ""), input.Kind));
        }
        result.Machines = CaseMachine.Of(result.units);
        foreach (CaseMachine machine in result.Machines)
            TwoBoots.Read(machine);
        return result;
    }

    /// <summary>The parts of a dump in pstore are one text; each line is of its own file.</summary>
    private void ReadParts(List<string> files, Copies seen)
    {
        foreach (string[] dump in PstoreFiles.Dumps(files))
        {
            Begin(Path.GetDirectoryName(dump[0]) ?? "");
            if (seen.Of(dump[0]) is { } first)
                Unit.Inputs.Add(new(dump[0], CaseInput.Copy, $"the same as {first}: read once") { Named = true });
            else if (dump.Length == 1)
                ReadFile(dump[0], dump[0]);
            else
                ReadDump(dump);
        }
        files.Clear();
    }

    private void ReadDump(string[] parts)
    {
        var text = new TextReading(parts[0], Unit.Facts, NewParsers());
        var rest = new List<CaseInput>();
        bool binary = false;
        string? content = null;
        foreach (string part in parts)
        {
            try
            {
                using OpenInput input = OpenInput.Open(part, standardInput);
                using HashedStream? heard = hashed ? new(input.Content) : null;
                var reader = new CarrierReader(new LineReader(part, heard ?? input.Content));
                long kernel = 0;
                while (reader.Next(out TextLine line))
                {
                    kernel += line.Kernel.Stamped ? 1 : 0;
                    text.Line(line);
                }
                binary |= reader.Binary;
                content ??= heard?.Hash();
                if (part != parts[0])
                    rest.Add(new(part, "kernel log", $"a part of the dump in {parts[0]}", Kernel: kernel) { Named = true });
            }
            catch (Exception e) when (e is InputException or IOException or UnauthorizedAccessException)
            {
                rest.Add(new(part, "not read", e is InputException bad ? bad.Reason : FileKind.ReasonOf(e, part), Unreadable: true));
            }
        }
        Unit.Inputs.Add(text.End(binary) with { Content = content, Named = true });
        Unit.Inputs.AddRange(rest);
    }

    /// <summary>
    /// A collection of kdt host collect: its texts and its sysfs attributes. All of it is from one running machine, not from a
    /// crash kernel.
    /// </summary>
    private void ReadMachine(MachineTree root, string path)
    {
        Begin(path);
        foreach (string text in CollectedMachine.Texts(root))
        {
            if (root.Open(text) is { } stream)
                ReadMember(root.Shown(text), stream, archives: false);
        }
        Unit.Facts.Boot = new Boot(path, 0);
        CollectedMachine.Read(root, Unit.Facts);
        Unit.Tree = root;
        Unit.Inputs.Add(new(path, "collected machine", null));
    }

    /// <summary>Marks what the user named among the inputs that it gave; a folder without anything known is one of them.</summary>
    private void Named(int before, string path)
    {
        if (path != "-" && Directory.Exists(path))
        {
            if (units.Skip(before).All(u => u.Inputs.TrueForAll(i => !i.Used && !i.Unreadable)))
                Note(new(path, "folder", "nothing in it that is known here", Unknown: true) { Named = true });
            return;
        }
        string shown = path == "-" ? StandardInput : path;
        foreach (CaseUnit unit in units.Skip(before))
        {
            int at = unit.Inputs.FindIndex(i => i.Path == shown);
            if (at >= 0)
                unit.Inputs[at] = unit.Inputs[at] with { Named = true };
        }
    }

    /// <summary>Starts a new unit: one file or one machine.</summary>
    private void Begin(string place) => units.Add(new CaseUnit(place) { Given = given });

    private void Note(CaseInput input)
    {
        Begin(input.Path);
        Unit.Inputs.Add(input);
    }

    private IEnumerable<string> Expand(string path)
    {
        if (path == "-" || !Directory.Exists(path))
            return [path];
        try
        {
            // Do not follow links to folders, because /sys has cycles of them. Skip everything that is not a regular file (pipes, devices).
            string[] files = Directory.EnumerateFiles(path, "*", new EnumerationOptions
            {
                RecurseSubdirectories = true,
                AttributesToSkip = FileAttributes.ReparsePoint,
                MaxRecursionDepth = 16,
                IgnoreInaccessible = true,
            }).Where(f => FileKind.Refusal(f) is null).Take(MaxFiles + 1).ToArray();
            if (files.Length > MaxFiles)
                Note(new(path, "folder", $"only {MaxFiles} of its files were read", Partial: true));
            else if (files.Length == 0)
                Note(new(path, "folder", "no readable file in it", Unreadable: true));
            return files.Take(MaxFiles);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Note(new(path, "folder", FileKind.ReasonOf(e, path), Unreadable: true));
            return [];
        }
    }

    private void ReadFile(string path, string file)
    {
        string shown = path == "-" ? StandardInput : path;
        try
        {
            using OpenInput input = OpenInput.Open(file, standardInput);
            if (input.Kind.IsArchive)
                ReadArchive(shown, file == "-" ? ArchiveInput.Held(shown, input) : ArchiveInput.Open(file, input));
            else
            {
                bool once = file == "-" || FileKind.NotSeekable(file) is not null;
                AddContent(shown, input, file == "-" ? null : file, once ? null : () => File.OpenRead(file));
            }
        }
        catch (InputException e)
        {
            Unit.Inputs.Add(new(path, "not read", e.Reason, Unreadable: true));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or NotSupportedException or ArgumentException)
        {
            Unit.Inputs.Add(new(path, "not read", FileKind.ReasonOf(e, file), Unreadable: true));
        }
        catch (Exception e) when (Fault.Is(e))
        {
            Unit.Inputs.Add(Failed(path, e));
        }
    }

    /// <summary>A fault of ours in the reader of one input loses only that input.</summary>
    private CaseInput Failed(string path, Exception e)
    {
        Fault fault = Fault.Of("the reader of an input", e, path);
        Unit.Facts.Add(fault);
        return new(path, "not read", $"kdt has a fault: {fault.Source.Text}", Unreadable: true);
    }

    /// <summary>
    /// A collection or sosreport in an archive, or any packed files; archives may be nested.
    /// </summary>
    private void ReadArchive(string path, ArchiveTree tree, bool nested = false)
    {
        string? cut = null;
        int before = units.Count;
        if (CollectedMachine.Is(tree))
            ReadMachine(new MachineTree(tree, path), path);
        else
        {
            var seen = new HashSet<string>(StringComparer.Ordinal);
            int left = MaxFiles;
            bool around = heap;
            heap |= tree.Files.Skip(MostChosen).Any();
            // Read empty files last: they contain nothing and may be many.
            foreach (string file in tree.Files.OrderBy(f => tree.Kept(f) is { Length: 0 }))
            {
                if (left-- == 0)
                {
                    cut = $"only {MaxFiles} of its files were read";
                    break;
                }
                if (tree.Kept(file) is { Length: > 0 } kept && !seen.Add(Convert.ToHexString(Sha256.Of(kept))))
                    continue;
                if (tree.Open(file) is not { } stream)
                    continue;
                Begin(path + Path.GetDirectoryName(file));
                ReadMember(tree.Shown(file), stream, archives: !nested, () => tree.Open(file));
            }
            heap = around;
        }
        string? nothing;
        if (!tree.Files.Any())
            nothing = "no file in it";
        else if (units.Skip(before).All(u => u.Inputs.TrueForAll(i => !i.Used && !i.Lacking)))
            nothing = "nothing in it that is known here";
        else
            nothing = null;
        Begin(path);
        string? missing = tree.Note is { } damage && Volumes.Hint(path) is { } piece ? $"{piece} ({damage})" : tree.Note ?? cut;
        Unit.Inputs.Add(new(path, "archive", missing ?? nothing, Unknown: true,
            Partial: missing is not null));
    }

    /// <param name="again">Opens it a second time.</param>
    private void ReadMember(string path, Stream stream, bool archives, Func<Stream?>? again = null)
    {
        try
        {
            using OpenInput input = OpenInput.Of(path, stream);
            if (archives && input.Kind.IsArchive)
                ReadArchive(path, ArchiveInput.Held(path, input), nested: true);
            else
                AddContent(path, input, file: null, again);
        }
        catch (InputException e)
        {
            Unit.Inputs.Add(new(path, "not read", e.Reason, Unreadable: true));
        }
        catch (Exception e) when (e is IOException or InvalidDataException)
        {
            Unit.Inputs.Add(new(path, "not read", e.Message, Unreadable: true));
        }
        catch (Exception e) when (Fault.Is(e))
        {
            Unit.Inputs.Add(Failed(path, e));
        }
    }

    /// <summary>
    /// Reads an input; if it has lines of several hosts, reads the lines of each host separately.
    /// </summary>
    /// <param name="again">Opens it a second time; null if it can be read only once.</param>
    private void AddContent(string path, OpenInput input, string? file, Func<Stream?>? again)
    {
        hosts = new HostColumn();
        records = RecordHosts.Are(input.Head.Span) ? new() : null;
        CaseInput read = ReadContent(path, input, file);
        (HostColumn column, RecordHosts? inRecords) = (hosts, records);
        inRecords?.End();
        foreach (string host in inRecords?.All ?? [])
            column.Add(host);
        (hosts, records) = (null, null);
        if (column.Several is not { Count: > 1 } several)
        {
            // Every line names the host, even if no kernel line names it in a form that identifies the machine.
            if (column.Only is { } only && read.Used && !Unit.Facts.Of<MachineIdentity>().Any(i => i.Kind == IdentityKind.Host))
                Unit.Facts.Add(Identity(path, only));
            Unit.Inputs.Add(read);
            return;
        }
        if (again is null)
        {
            Unit.Inputs.Add(read with { Note = Joined(read.Note,
                $"lines of {Counted.Of(several.Count, "host")}, not separated: give it as a file") });
            return;
        }
        string place = Unit.Place;
        units.RemoveAt(units.Count - 1);
        foreach ((string Name, string[] Hosts)[] some in several.Chunk(HostsAtOnce))
        {
            if (again() is { } stream)
                ReadHosts(path, stream, place, some, read, inRecords);
        }
        if (column.Full)
            Note(new(path, read.Kind, $"lines of more than {HostColumn.MaxHosts} hosts: those of the others were not read", Partial: true));
    }

    private static MachineIdentity Identity(string path, string name)
    {
        var source = new Source(path, name);
        return MachineIdentity.OfHost(source, name) ??
            new MachineIdentity(source, IdentityKind.Host, name.Split('.')[0].ToLowerInvariant());
    }

    /// <summary>Reads the lines of several machines in one pass, with one unit for each machine.</summary>
    /// <param name="whole">What the input is as a whole.</param>
    /// <param name="inRecords">The host of each line, where the lines do not name it.</param>
    private void ReadHosts(string path, Stream stream, string place, (string Name, string[] Hosts)[] machines, CaseInput whole,
        RecordHosts? inRecords)
    {
        using OpenInput part = OpenInput.Of(path, stream);
        (CaseUnit Unit, TextReading Text)[] parts = Array.ConvertAll(machines, _ =>
        {
            var unit = new CaseUnit(place);
            return (unit, new TextReading(path, unit.Facts, NewParsers()));
        });
        var byName = new Dictionary<string, TextReading>(StringComparer.Ordinal);
        for (int i = 0; i < machines.Length; i++)
        {
            foreach (string host in machines[i].Hosts)
                byName[host] = parts[i].Text;
        }
        Dictionary<string, TextReading>.AlternateLookup<ReadOnlySpan<char>> bySpan = byName.GetAlternateLookup<ReadOnlySpan<char>>();
        // A line without a host belongs to the host before it. The carrier may hold lines back, so each line is asked for its host
        // again.
        bool mine = false;
        long number = 0;
        var reader = new CarrierReader(new LineReader(path, part.Content)
        {
            Only = line => inRecords switch
            {
                not null => byName.ContainsKey(inRecords.Of(++number)),
                _ when HostColumn.Of(line) is { IsEmpty: false } host => mine = bySpan.ContainsKey(host),
                _ => mine,
            },
        });
        TextReading? current = null;
        while (reader.Next(out TextLine line))
        {
            ReadOnlySpan<char> host = inRecords is not null ? inRecords.Of(line.Number) : HostColumn.Of(line.Raw);
            if (!host.IsEmpty && bySpan.TryGetValue(host, out TextReading? own))
                current = own;
            current?.Line(line);
        }
        for (int i = 0; i < machines.Length; i++)
        {
            (string name, string[] hosts) = machines[i];
            CaseInput read = parts[i].Text.End(reader.Binary);
            // Names that any machine may have identify none.
            if (name.Length > 0)
            {
                MachineIdentity own = Identity(path, name);
                // Lines with the short name belong to this machine; the short name alone would also fit a machine of another
                // domain.
                if (own.Full is not null)
                    parts[i].Unit.Facts.Remove<MachineIdentity>(m => m.Kind == IdentityKind.Host && m.Full is null && m.Value == own.Value);
                parts[i].Unit.Facts.Add(own);
            }
            units.Add(parts[i].Unit);
            parts[i].Unit.Inputs.Add(read with
            {
                Note = Joined(read.Note ?? part.Note, $"the lines of {string.Join(", ", hosts.Take(3))}"), Content = whole.Content,
                Partial = whole.Partial, Kind = part.Packing.Length > 0 ? $"{read.Kind} ({part.Packing})" : read.Kind,
            });
        }
    }

    /// <param name="file">Its path as a separate file; null for a member of an archive or a pipe.</param>
    private CaseInput ReadContent(string path, OpenInput input, string? file)
    {
        ReadOnlySpan<byte> head = input.Head.Span;
        if (input.Kind.Family == ContentFamily.Empty)
            return new(path, "empty", input.Note ?? "nothing in it");
        // Only a member of a nested archive comes here: an archive given by itself is opened earlier.
        if (input.Kind.IsArchive)
            return new(path, input.Kind.Name, "an archive in an archive in an archive: not read; unpack the outer one, and give this one",
                Unknown: true, Partial: true);
        if (Magic.Of(input.Kind) is { } magic)
        {
            return magic.Kind == Magic.Vmcore && file is not null && input.Packing.Length == 0
                ? VmcoreInput.Read(file, Unit.Facts, ReadLines)
                : new(path, magic.Kind, magic.Note, Unknown: true);
        }
        if (OwnVerdict.Of(head) is { } own)
            return new(path, OwnVerdict.Kind, own, Unknown: true);
        // The messages in it are those that it would print.
        if (head.StartsWith("#!/"u8))
            return new(path, "script", "a script shows no event: not read", Unknown: true);
        using HashedStream? heard = hashed ? new(input.Content) : null;
        Stream content = heard ?? input.Content;
        CaseInput read = Magic.IsProbeReport(head) ? ReadReport(path, content) : ReadLines(path, content);
        read = read with { Content = heard?.Hash() };
        if (input.Packing.Length > 0)
            read = read with { Kind = $"{read.Kind} ({input.Packing})" };
        return input.Note is null ? read : read with { Note = Joined(read.Note, input.Note), Partial = true };
    }

    private CaseInput ReadReport(string path, Stream stream)
    {
        const string kind = "report of kdump-probe";
        try
        {
            // A report of a machine with thousands of functions has some megabytes; beyond the limit it is truncated, with a note.
            var held = new byte[64 << 10];
            int length = 0;
            while (length < MaxReport && stream.Read(held, length, held.Length - length) is > 0 and var n)
            {
                length += n;
                if (length == held.Length)
                    Array.Resize(ref held, Math.Min(MaxReport, held.Length * 2));
            }
            using JsonDocument json = JsonDocument.Parse(held.AsMemory(0, length), new JsonDocumentOptions { MaxDepth = 16 });
            return ProbeReportJson.Read(json.RootElement, path, Unit.Facts) ? new(path, kind)
                : new(path, "JSON", "not a report of kdump-probe", Unknown: true);
        }
        catch (JsonException e)
        {
            return new(path, kind, $"damaged in line {e.LineNumber + 1}: nothing was read from it", Unknown: true);
        }
    }

    private CaseInput ReadLines(string path, Stream stream)
    {
        var reader = new CarrierReader(new LineReader(path, stream) { Only = records is { } of ? line =>
        {
            of.Line(line);
            return true;
        } : null });
        var text = new TextReading(path, Unit.Facts, NewParsers(), heap);
        while (reader.Next(out TextLine line))
        {
            hosts?.Look(line.Raw, line.Kernel.Time);
            text.Line(line);
            // An empty line ends a table. Skip further empty lines, so that a file of empty lines takes no time.
            if (line.Text.IsEmpty)
                reader.SkipEmptyLines();
        }
        return text.End(reader.Binary);
    }

    private LineParsers NewParsers()
    {
        var parsers = new LineParsers([.. TextParsers.Create(), .. further()], signs);
        signs ??= parsers.Signs;
        return parsers;
    }

    private static string Joined(string? a, string b) => a is null ? b : $"{a}; {b}";
}
