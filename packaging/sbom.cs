#:property TargetFramework=net10.0
#:property PublishAot=false
#:property RestorePackagesWithLockFile=false
#:property ManagePackageVersionsCentrally=false
// dotnet run packaging/sbom.cs OUT.json [RID]: what is inside kdt, kdt-fleet, kdt-clr (x64) and kdump-probe, as CycloneDX 1.6, out of the lock files. Licences are
// those that the packages in NuGet's cache name. The same lock files give the same bytes: the time is SOURCE_DATE_EPOCH.
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using System.Xml.Linq;

string rid = args.Length > 1 ? args[1] : "linux-x64";
string repository = Directory.GetCurrentDirectory();
string version = XDocument.Load(Path.Combine(repository, "Directory.Build.props")).Descendants("Version").Single().Value;
var components = new SortedDictionary<string, JsonObject>(StringComparer.Ordinal);
var dependencies = new JsonArray();

foreach ((string project, string program) in new[]
    { ("Kdump.Cli", "kdt"), ("Kdump.FleetCli", "kdt-fleet"), ("Kdump.Clr", "kdt-clr"), ("Kdump.Probe", "kdump-probe") })
{
    if (program == "kdt-clr" && rid != "linux-x64")
        continue;
    JsonNode frameworks = JsonNode.Parse(File.ReadAllText(Path.Combine(repository, "src", project, "packages.lock.json")))!["dependencies"]!;
    var inside = new SortedSet<string>(StringComparer.Ordinal);
    foreach (string framework in new[] { "net10.0", $"net10.0/{rid}" })
    {
        foreach ((string name, JsonNode? package) in frameworks[framework]?.AsObject() ?? [])
        {
            // Compilers and analyzers leave nothing in the program but the run time, which has a package for each architecture.
            if (package!["type"]!.GetValue<string>() == "Project" || name is "Microsoft.CodeAnalysis.BannedApiAnalyzers" or "Microsoft.NET.ILLink.Tasks"
                or "Microsoft.DotNet.ILCompiler")
                continue;
            inside.Add(Add(name, package["resolved"]!.GetValue<string>(), package["contentHash"]!.GetValue<string>()));
        }
    }
    string own = $"pkg:generic/{program}@{version}";
    components[own] = new JsonObject { ["type"] = "application", ["bom-ref"] = own, ["name"] = program, ["version"] = version, ["licenses"] = Licence("MIT") };
    dependencies.Add(new JsonObject { ["ref"] = own, ["dependsOn"] = new JsonArray([.. inside.Select(i => JsonValue.Create(i))]) });
}

string body = string.Join('\n', components.Keys);
byte[] id = SHA256.HashData(Encoding.UTF8.GetBytes(body))[..16];
long epoch = long.TryParse(Environment.GetEnvironmentVariable("SOURCE_DATE_EPOCH"), out long seconds) ? seconds : 0;
var document = new JsonObject
{
    ["bomFormat"] = "CycloneDX", ["specVersion"] = "1.6", ["serialNumber"] = $"urn:uuid:{new Guid(id)}", ["version"] = 1,
    ["metadata"] = new JsonObject
    {
        ["timestamp"] = DateTimeOffset.FromUnixTimeSeconds(epoch).UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ssZ"),
        ["component"] = new JsonObject { ["type"] = "application", ["bom-ref"] = "kdump-toolkit", ["name"] = "kdump-toolkit", ["version"] = version },
    },
    ["components"] = new JsonArray([.. components.Values]),
    ["dependencies"] = dependencies,
};
Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(args[0]))!);
File.WriteAllText(args[0], document.ToJsonString(new() { WriteIndented = true }) + "\n");

string Add(string name, string number, string hash)
{
    string purl = $"pkg:nuget/{name}@{number}";
    components[purl] = new JsonObject
    {
        ["type"] = "library", ["bom-ref"] = purl, ["name"] = name, ["version"] = number, ["purl"] = purl,
        ["licenses"] = Licence(LicenceOf(name, number)),
        ["properties"] = new JsonArray(new JsonObject { ["name"] = "nuget:contentHash", ["value"] = hash }),
    };
    return purl;
}

static JsonArray Licence(string spdx) => spdx.Length == 0 ? [] : new(new JsonObject { ["expression"] = spdx });

static string LicenceOf(string name, string number)
{
    string cache = Environment.GetEnvironmentVariable("NUGET_PACKAGES") is { Length: > 0 } own ? own
        : Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".nuget", "packages");
    string file = Path.Combine(cache, name.ToLowerInvariant(), number, $"{name.ToLowerInvariant()}.nuspec");
    return !File.Exists(file) ? "" : XDocument.Load(file).Descendants().FirstOrDefault(e => e.Name.LocalName == "license" &&
        e.Attribute("type")?.Value == "expression")?.Value ?? "";
}
