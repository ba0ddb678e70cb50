using Kdump.Cli;
using Kdump.Cli.Commands;
using Kdump.Cli.Terminals;

FleetProgram.TakeOver(args);
return ProgramStreams.Run(args, Kdt.Run);
