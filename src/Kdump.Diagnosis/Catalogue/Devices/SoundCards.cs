namespace Kdump.Diagnosis.Catalogue.Devices;

/// <summary>Sound: processors with firmware of their own (Sound Open Firmware), codecs on HD audio.</summary>
internal static class SoundCards
{
    public static readonly DeviceFamily FirmwareFailed = new("sound-firmware-failed", "the sound processor {device} does not answer")
    {
        Area = Area.Hardware,
        Severity = Severity.Warning,
        Cause = "The firmware of the sound processor (DSP) crashed, was not started or no longer answers; " +
            "there is no sound until the driver starts it anew. The kernel itself is well.",
        Words = """
            sof-audio | | DSP Firmware Oops | its firmware crashed
            sof-audio | + | panic at {t} | it stopped at {1} of the firmware's source
            sof-audio | | ipc timed out for {w} | message {1} to its firmware was not answered
            sof-audio | | ipc tx timed out for {w} | message {1} to its firmware was not answered
            sof-audio | | timeout on HDA_DSP_REG_ADSPCS read | it does not come out of reset
            sof-audio | | cl_dsp_init: timeout | its firmware was not taken
            sof-audio | | failed to start DSP | it did not start
            sof-audio | | Firmware boot failure | its firmware did not start
            sof-audio | | firmware boot failure | its firmware did not start
            sof-audio | + | sof_probe_work failed err: {w} | the driver's probe failed ({1})
            snd_hda_intel | W3 | No response from codec, resetting bus: last cmd={w} | its codec does not answer
            """,
        Ways =
        [
            new("Start it anew, or switch the machine off and on", "modprobe -r snd_sof_pci; modprobe snd_sof_pci", null, "sof-audio"),
            new("Update the firmware (sof-firmware, linux-firmware) and the kernel together"),
        ],
        Origin = "sound/soc/sof/ipc.c, intel/hda.c, intel/hda-loader.c; sound/pci/hda/hda_controller.c",
    };
}
