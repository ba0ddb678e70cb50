using System.Text;
using Kdump.Diagnosis.Model;
using Kdump.Diagnosis.Rules;
using Kdump.Sources.Cases;

namespace Kdump.Tests;

/// <summary>Text as <c>kdt explain -</c> reads it.</summary>
internal static class Explained
{
    public const string CaptureBoot =
        "[    0.000000] Linux version 6.1.0-50-amd64 (debian-kernel@lists.debian.org) #1 SMP\n" +
        "[    0.000000] Command line: console=ttyS0 nr_cpus=1 reset_devices elfcorehdr=638324K\n";

    public const string FirstBoot =
        "[    0.000000] Linux version 6.1.0-50-amd64 (debian-kernel@lists.debian.org) #1 SMP\n" +
        "[    0.000000] Command line: root=/dev/vda1 crashkernel=192M\n";

    public static Facts Facts(string text) => Facts(Encoding.UTF8.GetBytes(text));

    public static Facts Facts(byte[] bytes) => Case.Read(["-"], () => new MemoryStream(bytes)).Facts;

    public static Verdict Verdict(string text) => Kdump.Diagnosis.Model.Verdict.From(Facts(text), RuleBook.All);

    /// <summary>The findings of one id.</summary>
    public static List<Finding> Findings(string id, string text) => Verdict(text).Findings.Where(f => f.Id == id).ToList();
}
