namespace Kdump.Diagnosis.Catalogue.Families;

/// <summary>Every family of failures, from the file systems up.</summary>
public static class FamilyBook
{
    public static readonly Family[] All =
    [
        .. FilesystemFamilies.All,
        .. LimitFamilies.All,
        .. MountFamilies.All,
        .. VolumeFamilies.All,
        .. ProgramReadFamilies.All,
        .. NetworkStorageFamilies.All,
        .. ResourceFamilies.All,
        .. ModuleFamilies.All,
        .. SleepFamilies.All,
        .. GuestFamilies.All,
        .. FirstStepFamilies.All,
        .. StartupFamilies.All,
        .. EncryptionFamilies.All,
        .. VerityFamilies.All,
        .. LoaderFamilies.All,
        .. InterruptFamilies.All,
        .. BalanceFamilies.All,
        .. PacketFamilies.All,
        .. ListedFamilies.All,
        .. SmartdFamilies.All,
        .. ErrorLogFamilies.All,
        .. ProgramFamilies.All,
        .. PlatformFamilies.All,
        .. ResetFamilies.All,
        .. HotplugFamilies.All,
        .. ReplicationFamilies.All,
    ];
}
