using Kdump.Cli.Terminals;
using Kdump.FleetCli;

return ProgramStreams.Run(args, KdtFleet.Run);
