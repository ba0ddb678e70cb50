using System.Diagnostics;
using System.Text;
using Kdump.Sources.Trees;

namespace Kdump.Sources.Gather;

/// <summary>
/// Copies from a machine what <see cref="GatherPlan"/> names, under the same paths, so that <c>--root</c> of the other commands
/// finds it. Each file, the total size and the time are bounded; what could not be read is in the manifest with the reason.
/// </summary>
public sealed class Gathering(LiveTree tree, IGatherTarget target, bool withImages = false)
{
    private const int MaxFiles = 250_000;
    private const long MaxBytes = 1L << 30;
    private const int MaxListed = 50_000;

    /// <summary>No new work is started after this time, so that a machine with problems gets no further load.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);

    /// <summary>A device that does not answer a read of its configuration space within this time is skipped.</summary>
    private static readonly TimeSpan DevicePatience = TimeSpan.FromSeconds(2);

    private readonly HashSet<string> seen = new(StringComparer.Ordinal);
    private readonly string? cat = tree.IsLive ? BoundedProgram.Find("cat") : null;
    private readonly long began = Stopwatch.GetTimestamp();

    public Manifest Manifest { get; } = new();

    private bool Over => Manifest.Files >= MaxFiles || Manifest.Bytes >= MaxBytes || Stopwatch.GetElapsedTime(began) > Patience;

    public void Run()
    {
        foreach (GatherItem item in GatherPlan.Files)
        {
            foreach (string path in tree.Expand(item.Pattern))
                Take(path, item.Cap, item.Text);
        }
        foreach (string folder in GatherPlan.Devices)
            Devices(folder);
        foreach (string folder in GatherPlan.Links.SelectMany(tree.Expand))
        {
            foreach (string name in tree.List(folder))
                TakeLink($"{folder}/{name}");
        }
        if (withImages)
        {
            foreach (string path in GatherPlan.Images.SelectMany(tree.Expand))
                Take(path, GatherPlan.MaxImage);
        }
        List();
        if (tree.IsLive)
            Programs();
        if (Over)
            Manifest.Skip("(the rest)",
                $"the limit of {MaxFiles} files, {MaxBytes >> 20} MB or {Patience.TotalMinutes:0} minutes was reached");
    }

    private void Take(string path, int cap = GatherPlan.Small, bool text = false)
    {
        // systemd's mask of a unit: the link is the whole content.
        if (tree.Link(path) == "/dev/null")
            TakeLink(path);
        if (Over || !seen.Add(path) || !tree.IsFile(path))
            return;
        // The name may be a symbolic link to a file that is not on the allow list: the target is checked as well.
        if (Secrets.IsForbidden(path) || (tree.Resolve(path) is { } real && Secrets.IsForbidden(real)))
        {
            Manifest.Skip(path, "may hold a secret");
            return;
        }
        (byte[]? content, string? reason, bool cut) = tree.Read(path, cap);
        if (content is null)
        {
            if (reason is not null)
                Manifest.Skip(path, reason);
            return;
        }
        if (cut)
            Manifest.Cut(path, cap);
        Put(path, content, text);
    }

    private void Put(string path, byte[] content, bool text)
    {
        byte[] safe = text ? Secrets.Masked(content) : content;
        if (!ReferenceEquals(safe, content))
            Manifest.Masked.Add(path);
        (UnixFileMode mode, DateTimeOffset modified) = tree.StatusOf(path);
        target.File(path, safe, mode, modified);
        Manifest.Count(safe.Length);
    }

    private void TakeLink(string path)
    {
        if (!Over && tree.Link(path) is { } leads && seen.Add(path))
        {
            target.Link(path, leads);
            Manifest.Count(0);
        }
    }

    private void Devices(string folder)
    {
        foreach (string name in tree.List(folder))
        {
            string path = $"{folder}/{name}";
            if (tree.Link(path) is not { } link)
                continue;
            TakeLink(path);
            // /sys/devices/pci0000:00/0000:00:1d.0/0000:01:00.0/nvme/nvme0: each step that is a device itself is taken, the bus first.
            string[] steps = Joined(folder, link).Split('/', StringSplitOptions.RemoveEmptyEntries);
            for (int i = 3; i <= steps.Length; i++)
                Device("/" + string.Join('/', steps[..i]));
        }
    }

    private void Device(string path)
    {
        if (Over || !path.StartsWith("/sys/devices/", StringComparison.Ordinal) || !seen.Add(path + "/"))
            return;
        IReadOnlyList<string> names = tree.List(path);
        if (names.Contains("config") && names.Contains("vendor") && !Config(path))
            return;
        foreach (string name in names)
        {
            string entry = $"{path}/{name}";
            if (DeviceAttributes.IsLink(name) && tree.Link(entry) is { } leads)
            {
                TakeLink(entry);
                if (name == "driver")
                    TakeLink(Joined(path, leads) + "/module");
            }
            else if (DeviceAttributes.Files.Contains(name))
                Take(entry);
            else if (DeviceAttributes.Folders.Contains(name))
                Folder(entry);
            else if (name == "queue")
            {
                foreach (string setting in DeviceAttributes.Queue)
                    Take($"{entry}/{setting}");
            }
        }
    }

    private void Folder(string path)
    {
        foreach (string name in tree.List(path))
        {
            string entry = $"{path}/{name}";
            if (tree.Link(entry) is not null)
                TakeLink(entry);
            else
                Take(entry);
        }
    }

    /// <summary>
    /// The configuration space: 64 bytes for a plain user (256 on old kernels), all of it for root. This is the first access to a
    /// device and may hang, so a child process does it; if there is no answer, nothing else is read from this device.
    /// </summary>
    private bool Config(string path)
    {
        string config = path + "/config";
        if (cat is null)
        {
            Take(config);
            return true;
        }
        ProgramResult result = BoundedProgram.Run(cat, [tree.Shown(config)], DevicePatience, 4096);
        if (result.Exit is null)
        {
            Manifest.Skip(path, result.Failure ?? "");
            return false;
        }
        if (result.Output.Length > 0 && seen.Add(config))
            Put(config, result.Output, text: false);
        else if (result.Output.Length == 0)
            Manifest.Skip(config, result.Failure ?? "empty");
        return true;
    }

    private void List()
    {
        var lines = new StringBuilder();
        IEnumerable<string> inFolders = GatherPlan.Listed.SelectMany(tree.Expand).Where(tree.IsFolder)
            .SelectMany(f => tree.List(f).Select(n => $"{f}/{n}"));
        string[] listed = inFolders.Concat(GatherPlan.ListedFiles.SelectMany(tree.Expand)).Distinct(StringComparer.Ordinal).Take(MaxListed)
            .Select(tree.Listed).OfType<string>().ToArray();
        foreach (string line in listed)
            lines.Append(line).Append('\n');
        if (listed.Length == MaxListed)
            Manifest.Cut("/" + Listing.FileName, lines.Length);
        Write("/" + Listing.FileName, Encoding.UTF8.GetBytes(lines.ToString()));
    }

    private void Programs()
    {
        foreach (GatherProgram program in GatherPrograms.All)
        {
            if (Over)
                return;
            if (BoundedProgram.Find(program.Command[0]) is not { } file)
                continue;
            ProgramResult result = BoundedProgram.Run(file, program.Command[1..], TimeSpan.FromSeconds(program.Seconds),
                GatherPrograms.MaxOutput);
            Manifest.Ran(program, result);
            if (result.Output.Length > 0)
                Write($"/commands/{program.Name}", Secrets.Masked(result.Output));
        }
    }

    public void Write(string path, byte[] content)
    {
        target.File(path, content, UnixFileMode.UserRead | UnixFileMode.UserWrite, DateTimeOffset.UtcNow);
        Manifest.Count(content.Length);
    }

    /// <summary>The target of a link, computed from the paths without asking the file system.</summary>
    private static string Joined(string folder, string link)
    {
        var done = new List<string>();
        foreach (string step in (link.StartsWith('/') ? link : folder + "/" + link).Split('/', StringSplitOptions.RemoveEmptyEntries))
        {
            if (step == ".." && done.Count > 0)
                done.RemoveAt(done.Count - 1);
            else if (step is not ("." or ".."))
                done.Add(step);
        }
        return "/" + string.Join('/', done);
    }
}
