using Kdump.Cli.Terminals;
using Kdump.FleetCli;
using Kdump.Formats.Bytes;

return ProgramStreams.Run(RawArguments.Of(args), KdtFleet.Run);
