using Kdump.Cli;

return Kdt.Run(args, Console.Out, Console.Error, Console.OpenStandardInput, Terminal.OfProcess(args));
