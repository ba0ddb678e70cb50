namespace Kdump.Tests.Host;

/// <summary>One thing that is wrong on a machine.</summary>
/// <param name="Forms">The machines it can be wrong on.</param>
/// <param name="Ids">What must be found, and nothing else above info.</param>
/// <param name="Bad">One of them is an error or worse: exit code 1.</param>
internal sealed record HostFault(string Name, string[] Forms, string[] Ids, bool Bad, Action<HostForm> Plant);
