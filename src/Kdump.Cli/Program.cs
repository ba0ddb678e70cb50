using Kdump.Cli;
using Kdump.Cli.Commands;
using Kdump.Cli.Terminals;
using Kdump.Formats.Bytes;

args = RawArguments.Of(args);
FleetProgram.TakeOver(args);
using var raw = new RawPaths();
args = RawArguments.Openable(args, raw);
return ProgramStreams.Run(args, Kdt.Run, raw, ReadingCommands.Outputs(args));
