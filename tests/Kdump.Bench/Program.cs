using BenchmarkDotNet.Running;
using Kdump.Bench;

if (args is ["cut", var from, var to, .. var views])
    TouchedPages.Cut(from, to, views);
else if (args is ["log", var log])
    LogBench.Write(log);
else if (args is ["codecs", .. var dumps])
    CodecThroughput.Print(dumps);
else
    BenchmarkSwitcher.FromAssembly(typeof(TouchedPages).Assembly).Run(args);
