namespace Kdump.Diagnosis.Speakers;

/// <summary>
/// Drivers, subsystems and programs by name. A name ends in <c>*</c> where what follows differs. Drivers that are not listed are
/// judged by the words alone: most of them are cards in a server.
/// </summary>
internal static class SpeakerKinds
{
    private static readonly SpeakerKind
        Unlisted = new("driver", Gravity.Plain,
            "the whole kernel log from its first line, and `lspci -vvv` of the device") { Listed = false, AtBoot = false },
        Unnamed = new("the kernel", Gravity.Plain, "the whole kernel log from its first line") { Listed = false, AtBoot = false },
        NoDevice = new("the kernel", Gravity.Plain, "the whole kernel log from its first line") { Listed = false, AtBoot = false },
        Board = new("part of the board", Gravity.Grave, "the whole kernel log from its first line, and the device tree"),
        OtherProgram = new("program", Gravity.Grave, "the journal of that program: `journalctl -b -t {n}`");

    private static readonly (SpeakerKind Kind, string Names)[] All =
    [
        (new("NVMe disk", Gravity.Plain, "`nvme smart-log /dev/{d}` and `nvme error-log /dev/{d}`, and `lspci -vvv -s {b}`"),
            "nvme nvme-*"),
        (new("disk or its link", Gravity.Plain, "`smartctl -x` of the disk behind {d}, and the log of the disk's controller"),
            "ata sd sr st ses scsi scsi_* ahci libata libahci ufshcd* ufs* blk_update_request print_req_error " +
            "end_request Buffer usb-storage uas sata* pata_*  hda hdc dasd* loop* zram* vd* xvd*"),
        (new("memory card or eMMC", Gravity.Plain,
            "`mmc extcsd read /dev/{d}` or another card, and the kernel log from its first line") { AtBoot = false },
            "mmc mmc_* mmcblk* sdhci* dwmmc* dw_mmc* mmci* meson-mx* sunxi-mmc*"),
        (new("storage controller", Gravity.Plain,
            "the controller's own log (storcli, ssacli, arcconf, sas3ircu), `smartctl -x` of the disks behind it, and `lspci -vvv -s {b}`"),
            "hpsa mpt2sas* mpt3sas* mpi3mr* mptbase mptscsih mptsas megaraid* aacraid smartpqi arcmsr* isci mvsas pm80xx pm8001 3w-* ips " +
            "vmw_pvscsi xen_blkfront blkfront hv_storvsc storvsc virtio_blk virtio_scsi esp* sym* aic7xxx aic94xx stex mvumi hptiop gdth"),
        (new("Fibre Channel or iSCSI path", Gravity.Plain,
            "`multipath -ll -v3`, the state of the ports (`grep . /sys/class/fc_host/*/*`) and the switch's log"),
            "qla2xxx qla4xxx lpfc bfa fnic bnx2fc bnx2i qedf qedi csiostor zfcp* libfc fcoe iscsi* connection* session* rport* nvme_fc " +
            "nvme_tcp nvme_rdma nvmet* target_core* iscsit* ABORT_TASK"),
        (new("RAID or device mapper", Gravity.Plain,
            "`cat /proc/mdstat`, `mdadm --detail` or `dmsetup status`, and the log of the disks below")
                { ReadsOwn = true, Programs = true },
            "md md/* raid* dm dm-* device-mapper bcache* drbd* multipath* mdadm lvm* dmeventd thin* vdo* kvdo"),
        // Of other systems and media: os-prober tries them on every partition.
        (new("file system", Gravity.Plain, "what {d} is (`blkid`), the log of the disk below it, and who mounted it"),
            "FAT-fs exFAT-fs ntfs* NTFS* ISOFS UDF-fs hfs*"),
        (new("file system", Gravity.Plain,
            "the log of the disk below {d} from the boot's start, and a check of the file system while it is " +
            "not mounted (`xfs_repair -n`, `e2fsck -n`, `btrfs check --readonly`)") { ReadsOwn = true },
            "XFS EXT2-fs EXT3-fs EXT4-fs JBD JBD2 jbd2* BTRFS Btrfs F2FS-fs SQUASHFS overlayfs UBIFS* UBI " +
            "ubi* erofs bcachefs GFS2 gfs2 ocfs2 OCFS2 jffs2 VFS REISERFS* JFS ZFS SPL ZED zed nilfs* ecryptfs* " +
            "fscrypt* quota* FUSE fuse virtiofs 9p* orangefs bfs romfs cramfs swapon Swap-error PANIC"),
        (new("network storage", Gravity.Plain,
            "the state of the storage cluster or server (Ceph: `ceph -s`, `ceph health detail`) and the network to it")
                { Programs = true },
            "rbd* libceph ceph rnbd* nbd* sheepdog beegfs* gluster* pvfs2 block-nbd"),
        (new("network file system", Gravity.Plain,
            "the server's log and state, `nfsstat -m` or `mount -v`, and the state of the network card")
                { Programs = true },
            "NFS NFS4 NFSv4 nfs nfsd NFSD lockd RPC rpc* svc* sunrpc* CIFS SMB* smb* ksmbd AFS afs FS-Cache CacheFiles lustre* Lustre* " +
            "LNet* LustreError"),
        (new("network card", Gravity.Plain, "`ethtool -S {d}`, `ethtool -i {d}` and `ethtool {d}`, and `lspci -vvv -s {b}`"),
            "e100 e1000 e1000e igb igbvf igc ixgbe ixgbevf i40e i40evf iavf ice fm10k bnxt_en bnx2 bnx2x mlx4* mlx5* r8169 r8168 r8125 " +
            "r8152 tg3 ena virtio_net vmxnet3 hv_netvsc atlantic qede qed qlcnic netxen* cxgb* be2net enic nfp sfc ionic gve mana " +
            "thunder* nicvf hns* hinic* stmmac* dwmac* st_gmac macb fec* bcmgenet lan78xx lan743x smsc* ax88179* asix cdc_ether cdc_ncm " +
            "forcedeth sky2 skge 8139* via-rhine atl1* alx jme NETDEV bond* team* eth* enp* eno* ens* em ib infiniband* rdma* bnxt_re " +
            "irdma hfi1 qib* octeontx* rvu* prestera* mvneta* mvpp2* xgene* amd-xgbe pcnet32 ne2k* liquidio* xen_netfront netfront vif* " +
            "ipoib* tehuti myri10ge sunhme gianfar ibmveth ibmvnic ehea ngbe txgbe wangxun* fman* dpaa* enetc* am65* cpsw* ravb sh-eth " +
            "renesas* genet libphy mdio* qeth* phy*"),
        (new("network", Gravity.Plain, "`ip -d link`, `nstat -az` and the log of the network's other end"),
            "IPv4 IPv6 TCP UDP nf_conntrack wireguard openvswitch tun tap br* bridge sctp SCTP tipc neighbour arp* xfrm* dst_alloc* " +
            "nf_* ip_*"),
        (new("wireless device", Gravity.Grave, "`modinfo {n}`, the firmware's version in the log, and the whole log from its first line")
            { AtBoot = false },
            "iwl* ath* brcm* rtw* rtl8* rtl_* rtlwifi* mt76* mt79* mt7* b43* wl* cfg* mac80211 ieee80211* wlan* nfc* wil6210 mwifiex* " +
                "rsi* cw1200* zd1211* ipw* ssb* wcn36xx ath11k* wwan* regulatory* qca* rfkill"),
        (new("Bluetooth adapter", Gravity.Plain, "`btmon` beside a new attempt, the firmware's version in the log, and `lsusb -t`")
            { AtBoot = false }, "Bluetooth bluetooth* btusb btintel btrtl btbcm btmtk* hci*"),
        (new("sound device", Gravity.Grave, "`aplay -l`, and the kernel log from its first line") { AtBoot = false },
            "snd* hda* ALSA sof* ASoC* HDMI* hdaudio* soundwire*"),
        (new("camera or video device", Gravity.Grave, "`v4l2-ctl --list-devices`, and the kernel log from its first line")
            { AtBoot = false }, "uvc* video* v4l* dvb* cx* saa* em28* imx219 ov* lirc* cec*"),
        (new("input device", Gravity.Grave, "`cat /proc/bus/input/devices`, and the kernel log from its first line") { AtBoot = false },
            "psmouse* synaptics* atkbd* hid* Goodix* elan* wacom* i2c_hid*"),
        (new("clock, pin or serial line of the board", Gravity.Grave, "the whole kernel log from its first line, and the device tree")
            { AtBoot = false }, "rtc* gpio* pinctrl* clk* scmi* arm-scmi* 8250* tty* serial*"),
        (new("graphics card", Gravity.Plain,
            "`lspci -vvv -s {b}`, the firmware's version, and for NVIDIA `nvidia-bug-report.sh`") { AtBoot = false },
            "amdgpu radeon i915 xe nouveau nvidia* NVRM drm ast mgag200 vmwgfx qxl virtio_gpu amdkfd kfd panfrost panthor lima etnaviv* " +
            "msm* v3d vc4* rockchip-drm gma500 efifb vesafb fbcon fb* simple-framebuffer habanalabs* hl* ivpu* intel_vpu"),
        (new("PCI bus", Gravity.Plain, "`lspci -vvv` and `lspci -t`, both as root"),
            "pcieport pci pci_bus pciehp pciehprp* AER DPC pcie* PCI PCIe shpchp vfio* vfio-pci uio* iommufd vmd VMD thunderbolt ntb* " +
            "cxl* CXL switchtec idxd dmaengine ioatdma ioat* nx* qat* c6xx* 4xxx* dh895xcc*"),
        (new("IOMMU", Gravity.Plain, "the whole kernel log from its first line, and `lspci -vvv` of the device that it names")
            { ToldBy = "iommu-" },
            "DMAR DMAR-IR AMD-Vi iommu* arm-smmu* SMMU* intel-iommu* swiotlb dma* DMA-API"),
        (new("USB controller", Gravity.Plain, "`lspci -vvv -s {b}`, `lsusb -t`, and the whole kernel log from its first line")
            { AtBoot = false }, "xhci* ehci* uhci* ohci*"),
        (new("USB", Gravity.Grave, "`lsusb -t` and `lsusb -v`, another cable and port, and `lspci -vvv -s {b}` of the controller"),
            "usb usbcore hub dwc2* dwc3* usbhid onboard* typec* ucsi* fusb* musb* cdc_acm ftdi_sio pl2303 cp210x"),
        (new("memory", Gravity.Plain, "`ras-mc-ctl --errors`, the BMC's event log, `dmidecode -t memory`") { ToldBy = "mce-" },
            "EDAC* MCE mce Memory HWPoison memory* APEI GHES BERT HEST CMCI RAS ERST MC*"),
        (new("memory management", Gravity.Plain,
            "`/proc/meminfo`, `/proc/slabinfo` and `/proc/buddyinfo` of the moment, and the whole kernel log"),
            "Out swap* zswap mm hugetlb* SLUB slub SLAB kmemleak kswapd* oom_* vmalloc vmap page_alloc* memcg* cgroup* percpu " +
            "page_owner* warn_alloc fork pids numa* compaction* ksm"),
        (new("processor or its clock", Gravity.Plain,
            "the whole kernel log from its first line, /proc/cpuinfo, and the firmware's version"),
            "clocksource tsc TSC smpboot rcu* RCU watchdog NMI NMI* CPU cpu x86* kvm KVM* SVM VMX sched* Clocksource timekeeping hrtimer " +
            "workqueue* psci SMP genirq irq* IRQ* GICv* gic* apic APIC IO-APIC"),
        (new("a machine's heat or power", Gravity.Grave, "the sensors (`sensors`, `ipmitool sdr`), the BMC's event log"),
            "thermal* coretemp k10temp hwmon* power_meter* regulator* supply* vcc* vdd* vccio* iTCO_wdt hpwdt watchdogd softdog " +
            "wdt* sp5100* i6300esb"),
        (new("management controller (BMC)", Gravity.Plain, "`ipmitool mc info` and `ipmitool sel elist`, and the BMC's firmware version")
            { AtBoot = false }, "ipmi* IPMI*"),
        (new("security chip (TPM)", Gravity.Plain, "`tpm2_getcap properties-fixed`, and the firmware's settings and version")
            { AtBoot = false }, "tpm* TPM*"),
        (new("bus of small devices (I2C, SPI)", Gravity.Plain, "the whole kernel log from its first line, and `i2cdetect -l`")
            { AtBoot = false }, "i2c* spi* i801_smbus piix4_smbus nvme-i2c at24"),
        (new("management engine", Gravity.Grave, "the version of its firmware, which the machine's firmware update brings")
            { AtBoot = false }, "mei*"),
        (new("suspend and resume", Gravity.Plain, "the log with `initcall_debug no_console_suspend` on the command line"), "PM"),
        (new("virtual device", Gravity.Plain, "the log of the host at that moment"),
            "virtio* hv_* vmbus* xen* xenbus* Xen vmw_* vmci* hyperv* balloon* vhost* qemu* vbox* VBox* vsock* vdpa* efi_* ibmvfc " +
            "ibmvscsi"),
        (new("crash handling", Gravity.Weak,
            "the whole log of the boot, `kdumpctl status` or `kdump-config show`, and `journalctl -b -u kdump -u kdump-tools`")
                { Programs = true },
            "kdump* kexec* makedumpfile* mkdumprd* mkfadumprd* vmcore* crash* drgn* zgetdump zipl load.sh Kdump kdumpctl crashkernel " +
                "pstore fadump* rtas* ramoops"),
        (new("early boot", Gravity.Plain,
            "/run/initramfs/rdsosreport.txt of the emergency shell, and the log with `rd.debug` on the command line")
                { Programs = true },
            "dracut* initqueue initramfs* rdsosreport* mount* umount fsck* systemd-fsck* systemd-fstab* systemd-cryptsetup* cryptsetup* " +
            "modprobe insmod run-init switch_root Initramfs RAMDISK initrd* ostree* plymouth* mdadm* " +
            "multipathd iscsid nm-initrd* dhclient* clevis* tang* zfs zpool* systemd-repart* lvm* blkid e2fsck xfs_repair mkfs* swapon " +
            "grub* chroot busybox depmod kmod mkinitramfs update-initramfs mkinitcpio initcpio dpkg-reconfigure kernel-install systemctl " +
            "kexec-load kdumptool sha512sum sha256sum bootctl efibootmgr ukify sbctl sbsign losetup dmsetup vgchange pvscan lvchange " +
            "mke2fs mkfs.* thin_check pivot_root cryptroot resume sulogin cp mv tar ip nft btrfs dumpe2fs tune2fs"),
        (new("device manager", Gravity.Plain, "`journalctl -b -u systemd-udevd`, and `udevadm test` of the device that it names")
            { Programs = true }, "systemd-udevd udevd udevadm"),
        (new("first program", Gravity.Plain,
            "the whole log of that start, and the logs of what it starts (/var/log, `systemctl --failed`)"), "init"),
        (new("service manager", Gravity.Plain, "`systemctl status` and `journalctl -b -u` of {d}"),
            "systemd systemd-shutdown systemd-coredump"),
        (new("module loader", Gravity.Plain, "`modinfo` of the module and `uname -r`"),
            "module module_* livepatch* modprobe* ima* integrity* Lockdown"),
        (new("firmware and what it describes", Gravity.Grave,
            "the firmware's version and a newer one, and the whole kernel log from its first line") { AtBoot = false },
            "ACPI acpi* OF DMI pnp* PnP efi* EFI EISA* eisa* platform microcode Firmware* pnpacpi e820* wmi* *_wmi asus* dell* hp_* hp-* " +
            "thinkpad* ideapad* sony* toshiba* samsung* huawei* intel_* int3* INT3* amd_* amd-* lpc pmc_core cpufreq* cpuidle* devfreq* " +
            "arm_* ioremap resource* Calgary mtrr MTRR AGP* agpgart* cacheinfo rockchip* optee perf* Perf*"),
        (new("names and settings", Gravity.Never, ""),
            "system MODSIGN secureboot i8042 serio* parport* pin pin-* pin_* reg-* debugfs* sysfs kobject* random* alg* crypto* Key* " +
            "keyring* PKCS* X.509* Loading* zone* Error* input* soc soc-* soc: soc@* media* au88* audio* autofs* leds* backlight* " +
            "battery* ac button* rc rc_* floppy* fd parport lp nouveau_* pcspkr* fintek-cir audit audit_* auditd* apparmor* AppArmor* " +
            "SELinux* selinux* smack* yama* Kernel Command kernel lockdown* INPUT* UFW* FINAL* DROP* REJECT* martian* IN bpf* BPF*"),
    ];

    private static readonly (string Start, SpeakerKind Kind)[] Starts =
        [.. All.SelectMany(k => k.Names.Split(' ', StringSplitOptions.RemoveEmptyEntries).Where(n => n.EndsWith('*'))
            .Select(n => (n.TrimEnd('*'), k.Kind))).OrderByDescending(s => s.Item1.Length)];

    private static readonly Dictionary<string, SpeakerKind> Whole = WholeNames();

    public static bool Knows(ReadOnlySpan<char> name) => Whole.GetAlternateLookup<ReadOnlySpan<char>>().ContainsKey(name);

    public static SpeakerKind Of(Speaker speaker)
    {
        if (speaker.Name.Length == 0)
            return speaker.Device is { } device && Find(device) is { } known ? known : Unnamed;
        if (Find(speaker.Name) is { } kind && (!speaker.Program || kind.Programs || Knows(speaker.Name)))
            return kind;
        if (speaker.Program)
            return OtherProgram;
        // fdab0000.npu, phy@fee, 6-0010: a device of the board, out of its device tree; its driver asks for much that is not there.
        bool board = speaker.Bdf is null && ((speaker.Name + speaker.Device).AsSpan().IndexOfAny('@', '.') >= 0 ||
            (speaker.Device is { } client && client.IndexOf('-') is > 0 and < 3 and var dash && client.Length == dash + 5 &&
            client[(dash + 1)..].All(char.IsAsciiHexDigit)));
        if (board)
            return Board;
        return speaker.Bdf is null && speaker.Device is null ? NoDevice : Unlisted;
    }

    public static SpeakerKind? Find(string name)
    {
        if (Whole.TryGetValue(name, out SpeakerKind? kind))
            return kind;
        ReadOnlySpan<char> letters = name.AsSpan().TrimEnd("0123456789.:-");
        if (letters.Length > 1 && Whole.GetAlternateLookup<ReadOnlySpan<char>>().TryGetValue(letters, out kind))
            return kind;
        foreach ((string start, SpeakerKind known) in Starts)
        {
            if (start.Length > 0 && name.StartsWith(start, StringComparison.Ordinal))
                return known;
        }
        return null;
    }

    private static Dictionary<string, SpeakerKind> WholeNames()
    {
        var names = new Dictionary<string, SpeakerKind>(StringComparer.Ordinal);
        foreach ((SpeakerKind kind, string text) in All)
        {
            foreach (string name in text.Split(' ', StringSplitOptions.RemoveEmptyEntries).Where(n => !n.EndsWith('*')))
                names.TryAdd(name, kind);
        }
        return names;
    }
}
