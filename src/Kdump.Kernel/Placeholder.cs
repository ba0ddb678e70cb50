namespace Kdump.Kernel;
