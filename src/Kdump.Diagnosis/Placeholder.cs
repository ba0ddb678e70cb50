namespace Kdump.Diagnosis;
