using Kdump.Cli;
using Kdump.Cli.Commands;
using Kdump.Cli.Terminals;
using Kdump.Formats.Bytes;

args = RawArguments.Of(args);
FleetProgram.TakeOver(args);
using var raw = new RawPaths();
return ProgramStreams.Run(RawArguments.Openable(args, raw), Kdt.Run, raw);
