using System.Text;
using System.Text.Json.Nodes;

namespace Kdump.Tests.House;

/// <summary>What is built from where, and what the list of its parts says.</summary>
public sealed class MakefileTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("kdt-make").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    /// <summary>A changed source of an unpacked release is built anew.</summary>
    [ToolFact("make")]
    public void A_tree_without_git_knows_its_sources()
    {
        File.Copy(Repository.Path("Makefile"), Path.Combine(folder, "Makefile"));
        foreach (string file in (string[])["global.json", "Directory.Build.props", "src/Kdump.Cli/Program.cs", "src/Kdump.Cli/obj/Made.cs"])
        {
            Directory.CreateDirectory(Path.GetDirectoryName(Path.Combine(folder, file))!);
            File.WriteAllText(Path.Combine(folder, file), "");
        }
        string sources = Encoding.UTF8.GetString(Tool.Run("make -pn help 2>/dev/null | grep '^SOURCES := '", folder));
        Assert.Contains("src/Kdump.Cli/Program.cs", sources, StringComparison.Ordinal);
        Assert.Contains("Directory.Build.props", sources, StringComparison.Ordinal);
        Assert.DoesNotContain("Made.cs", sources, StringComparison.Ordinal);
    }

    [ToolFact("dotnet")]
    public void The_list_of_parts_has_what_the_lock_files_have_and_says_the_same_each_time()
    {
        string file = Path.Combine(folder, "sbom.json");
        string run = $"SOURCE_DATE_EPOCH=1700000000 dotnet run packaging/sbom.cs -- '{file}' linux-x64";
        Tool.Run(run, Repository.Root);
        string first = File.ReadAllText(file);
        Tool.Run(run, Repository.Root);
        Assert.Equal(first, File.ReadAllText(file));
        JsonNode sbom = JsonNode.Parse(first)!;
        Assert.Equal(("CycloneDX", "2023-11-14T22:13:20Z"),
            (sbom["bomFormat"]!.GetValue<string>(), sbom["metadata"]!["timestamp"]!.GetValue<string>()));
        HashSet<string> there = [.. sbom["components"]!.AsArray().Select(c => $"{c!["name"]}@{c["version"]}")];
        JsonObject locked = JsonNode.Parse(File.ReadAllText(Repository.Path("src", "Kdump.FleetCli",
            "packages.lock.json")))!["dependencies"]![
            "net10.0"]!.AsObject();
        foreach ((string name, JsonNode? package) in locked.Where(p => p.Value!["type"]!.GetValue<string>() is "Transitive" or
            "CentralTransitive"))
            Assert.Contains($"{name}@{package!["resolved"]}", there);
        Assert.Contains("kdump-probe@0.1.0", there);
        Assert.DoesNotContain(there, c => c.StartsWith("Microsoft.CodeAnalysis", StringComparison.Ordinal));
        HashSet<string> refs = [.. sbom["components"]!.AsArray().Select(c => c!["bom-ref"]!.GetValue<string>())];
        Assert.All(sbom["dependencies"]!.AsArray().SelectMany(d => d!["dependsOn"]!.AsArray()), d =>
            Assert.Contains(d!.GetValue<string>(), refs));
    }
}
