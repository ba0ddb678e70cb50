namespace Kdump.Diagnosis.Catalogue.Devices;

/// <summary>Every family; a line belongs to the first family whose wording fits.</summary>
public static class DeviceFamilies
{
    /// <summary>Judged by its own rule.</summary>
    public static readonly DeviceFamily Xid = Gpus.Xid;

    public static readonly DeviceFamily[] All =
    [
        PciLinks.Lost,
        PciLinks.Down,
        PciLinks.SlotPower,
        PciLinks.ResetFailed,
        PciLinks.NoResources,
        PciLinks.NoMsix,
        PciLinks.SriovRefused,
        PciLinks.NoWindow,
        PciLinks.Eeh,
        Gpus.OffTheBus,
        Xid,
        Gpus.WorkStopped,
        Gpus.Hang,
        Gpus.DriverFailed,
        NetworkCards.NvmInvalid,
        Bringup.FirmwareFile,
        Bringup.NotOpened,
        NetworkCards.FirmwareFailed,
        NetworkCards.PhySilent,
        NetworkCards.TransmitStuck,
        NetworkCards.BluetoothSilent,
        NetworkCards.LinkFlaps,
        SoundCards.FirmwareFailed,
        StorageControllers.Event,
        StorageControllers.Failed,
        StorageControllers.Reset,
        StorageControllers.FabricLost,
        StorageControllers.UsbDied,
        StorageControllers.UsbTransfers,
        StorageControllers.UsbAnswers,
        StorageControllers.UsbSetup,
        StorageControllers.UsbDevice,
        Disks.HostBus,
        Disks.InterruptLost,
        Disks.CardHost,
        Disks.Card,
        Disks.Ufs,
        Disks.Foretold,
        Disks.LinkErrors,
        Disks.LinkSlowed,
        Disks.MediumError,
        Disks.LinkFrozen,
        Disks.Refuses,
        Disks.UsbLeft,
        Disks.NvmeFailed,
        Disks.Offline,
        Disks.MediumChanged,
        Disks.IoError,
        Platforms.ClockUnstable,
        Platforms.ThermalShutdown,
        Platforms.Tpm,
        Platforms.BmcWatchdog,
    ];
}
