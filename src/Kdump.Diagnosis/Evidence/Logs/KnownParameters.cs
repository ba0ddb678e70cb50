namespace Kdump.Diagnosis.Evidence.Logs;

/// <summary>
/// Names of the parameters that Documentation/admin-guide/kernel-parameters.txt (Linux 5.10 to 7.2), kernel-command-line(7) and
/// dracut.cmdline(7) document, dashes as underscores. Written by tests/lab/kernel-parameters.
/// </summary>
public static class KnownParameters
{
    private static readonly HashSet<string> names = [.. Names.Split([' ', '\n', '\r'], StringSplitOptions.RemoveEmptyEntries)];

    public static IReadOnlyCollection<string> All => names;

    public static bool Has(string name) => names.Contains(name);

    private const string Names = """
        BOOT_IMAGE accept_memory acpi acpi.debug_layer acpi.debug_level acpi.poweroff_on_fatal acpi_apic_instance acpi_backlight acpi_enforce_resources
        acpi_force_32bit_fadt_addr acpi_force_table_verification acpi_irq_balance acpi_irq_isa acpi_irq_nobalance acpi_irq_pci acpi_mask_gpe acpi_no_auto_serialize
        acpi_no_memhotplug acpi_no_static_ssdt acpi_no_watchdog acpi_os_name acpi_osi acpi_pm_good acpi_rev_override acpi_rsdp acpi_sci acpi_skip_timer_override
        acpi_sleep acpi_use_timer_override acpica_no_return_repair add_efi_memmap agp align_va_addr alignment alloc_snapshot allow_mismatched_32bit_el0 amd_dynamic_epp
        amd_iommu amd_iommu_dump amd_iommu_intr amd_prefcore amd_pstate amijoy.map analog.map apc apic apic_extnmi apm apparmor arcrimi arm64.no32bit_el0 arm64.nobti
        arm64.nogcs arm64.nomops arm64.nompam arm64.nomte arm64.nopauth arm64.nosme arm64.nosve ataflop atarimouse atkbd.extra atkbd.reset atkbd.scroll atkbd.set
        atkbd.softraw atkbd.softrepeat audit audit_backlog_limit autoconf bau baycom_epp baycom_par baycom_ser_fdx baycom_ser_hdx bdev_allow_write_mounted bert_disable
        bgrt_disable biosdevname bond boot boot_delay bootconfig bootdev bridge bttv.card bttv.tuner bulk_remove c101 ca_keys cachesize carrier_timeout cca
        ccw_timeout_log cfi cgroup.memory cgroup_disable cgroup_favordynmods cgroup_no_v1 cgroup_v1_proc check_pages checkreqprot cifspass cifsuser cio_ignore
        clearcpuid clock clocksource.arm_arch_timer.evtstrm clocksource.max_cswd_read_retries clocksource.verify_n_cpus clocksource_wdtest.holdoff cma cma_pernuma
        cmo_free_hint coherent_pool com20020 com90io com90xx con3215_drop condev conmode console console_msg_format consoleblank coredump_filter cpcihp_generic
        cpu0_hotplug cpu_init_udelay cpufreq.default_governor cpufreq.off cpuhp.parallel cpuidle.governor cpuidle.off crashkernel cs89x0_dma cs89x0_media csdlock_debug
        dasd db9.dev ddebug_query debug debug_guardpage_minorder debug_locks_verbose debug_objects debug_pagealloc debugfs debugpat default_hugepagesz
        deferred_probe_timeout delayacct dell_smm_hwmon.fan_max dell_smm_hwmon.fan_mult dell_smm_hwmon.force dell_smm_hwmon.ignore_dmi dell_smm_hwmon.power_status
        dell_smm_hwmon.restricted dfltcc dhash_entries dis_ucode_ldr disable disable_1tb_segments disable_cpu_apicid disable_ddw disable_ipv6 disable_mtrr_cleanup
        disable_mtrr_trim disable_radix disable_timer_pin_1 disable_tlbie dm_verity.keyring_unsealed dma_debug_driver dma_debug_entries driver_async_probe
        drm.edid_firmware dscc4.setup dt_cpu_ftrs dump_apple_properties dyndbg early_ioremap_debug early_page_ext earlycon earlyprintk edac_report edd efi
        efi_no_storage_paranoia efivar_ssdt eisa_irq_edge ekgdboc elanfreq elfcorehdr enable_mtrr_cleanup enable_timer_pin_1 enforcing erst_disable ether evm fadump
        fail_make_request fail_page_alloc fail_skb_realloc fail_usercopy failslab fb_tunnels fcoe floppy forcepae fred fstab ftrace ftrace_dump_on_oops ftrace_filter
        ftrace_graph_filter ftrace_graph_max_depth ftrace_graph_notrace ftrace_notrace fw_devlink fw_devlink.strict gamecon.map gamma gart_fix_e820
        gather_data_sampling gbpages gcov_persist goldfish gpt grcan.enable0 grcan.enable1 grcan.rxsize grcan.select grcan.txsize hardened_usercopy
        hardlockup_all_cpu_backtrace hash_pointers hashdist hcl hd hest_disable hibernate hibernate.compressor hibernate.pm_test_delay hibernate_compression_threads
        highmem highres hlt hostname hpet hpet_mmap hugepage_alloc_threads hugepages hugepagesz hugetlb_cma hugetlb_cma_only hugetlb_free_vmemmap hung_task_panic
        hv_nopvspin hvc_iucv hvc_iucv_allow hw_protection i2c_bus i2c_touchscreen_props i8042.debug i8042.direct i8042.dumbkbd i8042.kbdreset i8042.noaux i8042.nokbd
        i8042.noloop i8042.nomux i8042.nopnp i8042.notimeout i8042.reset i8042.unlock i810 i8k.force i8k.ignore_dmi i8k.restricted i915.invert_brightness
        ia32_emulation icn ide_core.nodma ide_generic.probe_mask ide_pci_generic.all_generic_ide idle idxd.sva idxd.tc_override ieee754 ifname ignition.firstboot
        ignition.platform.id ignore_loglevel ihash_entries ima ima.ahash_bufsize ima.ahash_minsize ima_appraise ima_appraise_tcb ima_canonical_fmt ima_flush_htable
        ima_hash ima_policy ima_tcb ima_template ima_template_fmt indirect_target_selection init init_on_alloc init_on_free init_pkru initcall_blacklist initcall_debug
        initramfs_async initramfs_options initrd initrdmem inport.irq int_pln_enable integrity_audit intel_idle.max_cstate intel_iommu intel_pstate intremap io7
        io_delay iommu iommu.debug_pagealloc iommu.forcedac iommu.passthrough iommu.strict ip ipcmni_extend ipe.enforce ipe.success_audit irqaffinity
        irqchip.gicv2_force_probe irqchip.gicv3_nolpi irqchip.gicv3_pseudo_nmi irqfixup irqhandler.duration_warn_us irqpoll isapnp isolcpus iucv ivrs_acpihid ivrs_hpet
        ivrs_ioapic js kdump_data keep_bootcon keepinitrd kernelcore kfence.burst kfence.check_on_panic kfence.deferrable kfence.fault kfence.sample_interval
        kfence.skip_covered_thresh kgdbdbgp kgdboc kgdboc_earlycon kgdbwait kho kho_scratch kmac kmemleak kprobe_event kpti kunit.enable kvm.eager_page_split
        kvm.enable_pmu kvm.enable_virt_at_load kvm.enable_vmware_backdoor kvm.ignore_msrs kvm.mmu_audit kvm.nx_huge_pages kvm.nx_huge_pages_recovery_period_ms
        kvm.nx_huge_pages_recovery_ratio kvm_amd.ciphertext_hiding_asids kvm_amd.nested kvm_amd.npt kvm_arm.mode kvm_arm.vgic_v3_common_trap
        kvm_arm.vgic_v3_group0_trap kvm_arm.vgic_v3_group1_trap kvm_arm.vgic_v4_enable kvm_arm.wfe_trap_policy kvm_arm.wfi_trap_policy kvm_cma_resv_ratio
        kvm_intel.emulate_invalid_guest_state kvm_intel.ept kvm_intel.flexpriority kvm_intel.nested kvm_intel.unrestricted_guest kvm_intel.vmentry_l1d_flush
        kvm_intel.vpid l1d_flush l1tf l2cr l3cr lapic lapic_timer_c2_ok libata.dma libata.force libata.ignore_hpa libata.noacpi liveupdate load_ramdisk
        lockd.nlm_grace_period lockd.nlm_tcpport lockd.nlm_timeout lockd.nlm_udpport lockdown locktorture.acq_writer_lim locktorture.bind_readers
        locktorture.bind_writers locktorture.call_rcu_chains locktorture.long_hold locktorture.nested_locks locktorture.nreaders_stress locktorture.nwriters_stress
        locktorture.onoff_holdoff locktorture.onoff_interval locktorture.rt_boost locktorture.rt_boost_factor locktorture.shuffle_interval locktorture.shutdown_secs
        locktorture.stat_interval locktorture.stutter locktorture.torture_type locktorture.verbose locktorture.writer_fifo log_buf_len logibm.irq loglevel logo.nologo
        lp lpj lsm lsm.debug ltpc luks luks.crypttab luks.key luks.name luks.options luks.uuid machtype machvec max_addr max_loop maxcpus mce md mdacon mds mem
        mem_encrypt mem_sleep_default memblock memchunk memhp_default_state memmap memory_corruption_check memory_corruption_check_period memory_corruption_check_size
        memtest mfgpt_irq mfgptfix mga microcode microcode.force_minrev min_addr mini2440 mitigations mminit_loglevel mmio_stale_data module.async_probe
        module_blacklist mousedev.tap_time mousedev.xres mousedev.yres movable_node movablecore mtdparts mtdset mtouchusb.raw_coordinates mtrr mtrr_chunk_size
        mtrr_gran_size mtrr_spare_reg_nr multitce n2 netdev netpoll.carrier_timeout netroot nf_conntrack.acct nfs.cache_getent nfs.cache_getent_timeout
        nfs.callback_nr_threads nfs.callback_tcpport nfs.delay_retrans nfs.enable_ino64 nfs.idmap_cache_timeout nfs.max_session_cb_slots nfs.max_session_slots
        nfs.nfs4_disable_idmapping nfs.nfs4_unique_id nfs.recover_lost_locks nfs.send_implementation_id nfs4.layoutstats_timer nfsaddrs nfsd.inter_copy_offload_enable
        nfsd.nfs4_disable_idmapping nfsd.nfsd4_ssc_umount_timeout nfsroot nfsrootdebug nmi_backtrace.backtrace_idle nmi_debug nmi_watchdog no387 no4lvl no5lvl
        no_entry_flush no_kvmapf no_kvmclock no_scroll no_slb_preload no_steal_acc no_timer_check noaliencache noalign noaltinstr noapic noapictimer nobats nocache
        noclflush nodelayacct nodsp noefi noexec noexec32 nofpu nofsgsbase nofxsr nogbpages nohalt nohibernate nohlt nohpet nohugeiomap nohugevmalloc nohz nohz_full
        noinitrd nointremap nointroute noinvpcid noiotrap noirqdebug noisapnp nojitter nokaslr nolapic nolapic_timer noltlbs nomca nomce nomfgpt nonmi_ipi nopat nopcid
        nopku nopti nopv nopvspin nordrand noreplace_smp noresume nosbagart nosep nosgx nosmap nosmep nosmp nosmt nosoftlockup nospectre_bhb nospectre_v1 nospectre_v2
        nosync novmcoredd nowatchdog nowb nox2apic noxsave noxsaveopt noxsaves nps_mtm_hs_ctr nptcg nr_cpus nr_uarts numa numa_balancing numa_cma numa_zonelist_order
        nvme.quirks ohci1394_dma olpc_ec_timeout omap_mux onenand.bdry oops oprofile.timer page_alloc.shuffle page_owner page_poison
        page_reporting.page_reporting_order panic panic_force_cpu panic_on_taint parkbd.mode parkbd.port parport parport_init_mode pata_legacy.all
        pata_legacy.autospeed pata_legacy.ht6560a pata_legacy.ht6560b pata_legacy.iordy_mask pata_legacy.opti82c46x pata_legacy.opti82c611a pata_legacy.pio_mask
        pata_legacy.probe_all pata_legacy.probe_mask pata_legacy.qdi pata_legacy.winbond pata_platform.pio_mask pause_on_oops pcbit pcd. pci pcie_aspm pcie_pme
        pcie_port_pm pcie_ports pcmv pd. pdcchassis percpu_alloc perf_v4_pmi pf. pg. pirq plip plymouth.enable pm_async pm_debug_messages pmtmr pmu_override pnp.debug
        pnp_reserve_dma pnp_reserve_io pnp_reserve_irq pnp_reserve_mem pnpacpi pnpbios ports possible_cpus powersave ppc_tm preempt print_fatal_signals
        printk.always_kmsg_dump printk.console_no_auto_verbose printk.debug_non_panic_cpus printk.devkmsg proc_mem.force_override processor.max_cstate processor.nocst
        profile prompt_ramdisk prot_virt psi psmouse.proto psmouse.rate psmouse.resetafter psmouse.resolution psmouse.smartscroll pt. pti pty.legacy_count quiet
        quotacheck.mode r128 radix_hcall_invalidate raid ramdisk_size ramdisk_start random.trust_bootloader random.trust_cpu randomize_kstack_offset ras rcu_nocb_poll
        rcu_nocbs rcupdate.rcu_cpu_stall_cputime rcupdate.rcu_cpu_stall_ftrace_dump rcupdate.rcu_cpu_stall_notifiers rcupdate.rcu_cpu_stall_suppress
        rcupdate.rcu_cpu_stall_suppress_at_boot rcupdate.rcu_cpu_stall_timeout rcupdate.rcu_exp_cpu_stall_timeout rcupdate.rcu_exp_stall_task_details
        rcupdate.rcu_expedited rcupdate.rcu_normal rcupdate.rcu_normal_after_boot rcupdate.rcu_self_test rcupdate.rcu_task_collapse_lim rcupdate.rcu_task_contend_lim
        rcupdate.rcu_task_enqueue_lim rcupdate.rcu_task_ipi_delay rcupdate.rcu_task_lazy_lim rcupdate.rcu_task_stall_info rcupdate.rcu_task_stall_info_mult
        rcupdate.rcu_task_stall_timeout rcupdate.rcu_tasks_lazy_ms rcupdate.rcu_tasks_trace_lazy_ms rcuscale.gp_async rcuscale.gp_async_max rcuscale.gp_exp
        rcuscale.holdoff rcuscale.kfree_alloc_num rcuscale.kfree_by_call_rcu rcuscale.kfree_loops rcuscale.kfree_mult rcuscale.kfree_nthreads rcuscale.kfree_rcu_test
        rcuscale.kfree_rcu_test_double rcuscale.kfree_rcu_test_single rcuscale.minruntime rcuscale.nreaders rcuscale.nwriters rcuscale.perf_type rcuscale.scale_type
        rcuscale.shutdown rcuscale.verbose rcuscale.writer_holdoff rcuscale.writer_holdoff_jiffies rcutorture.fqs_duration rcutorture.fqs_holdoff
        rcutorture.fqs_stutter rcutorture.fwd_progress rcutorture.fwd_progress_div rcutorture.fwd_progress_holdoff rcutorture.fwd_progress_need_resched
        rcutorture.gp_cond rcutorture.gp_cond_exp rcutorture.gp_cond_exp_full rcutorture.gp_cond_full rcutorture.gp_cond_wi rcutorture.gp_cond_wi_exp rcutorture.gp_exp
        rcutorture.gp_normal rcutorture.gp_poll rcutorture.gp_poll_exp rcutorture.gp_poll_exp_full rcutorture.gp_poll_full rcutorture.gp_poll_wi
        rcutorture.gp_poll_wi_exp rcutorture.gp_sync rcutorture.gpwrap_lag rcutorture.gpwrap_lag_active_mins rcutorture.gpwrap_lag_cycle_mins rcutorture.gpwrap_lag_gps
        rcutorture.irqreader rcutorture.leakpointer rcutorture.n_barrier_cbs rcutorture.nfakewriters rcutorture.nocbs_nthreads rcutorture.nocbs_toggle
        rcutorture.nreaders rcutorture.object_debug rcutorture.onoff_holdoff rcutorture.onoff_interval rcutorture.preempt_duration rcutorture.preempt_interval
        rcutorture.read_exit rcutorture.read_exit_burst rcutorture.read_exit_delay rcutorture.reader_flavor rcutorture.shuffle_interval rcutorture.shutdown_secs
        rcutorture.stall_cpu rcutorture.stall_cpu_block rcutorture.stall_cpu_holdoff rcutorture.stall_cpu_irqsoff rcutorture.stall_cpu_repeat
        rcutorture.stall_gp_kthread rcutorture.stat_interval rcutorture.stutter rcutorture.test_boost rcutorture.test_boost_duration rcutorture.test_boost_holdoff
        rcutorture.test_boost_interval rcutorture.test_no_idle_hz rcutorture.torture_type rcutorture.verbose rcutree.blimit rcutree.csd_lock_suppress_rcu_stall
        rcutree.do_rcu_barrier rcutree.dump_tree rcutree.enable_rcu_lazy rcutree.gp_cleanup_delay rcutree.gp_init_delay rcutree.gp_preinit_delay
        rcutree.jiffies_till_first_fqs rcutree.jiffies_till_next_fqs rcutree.jiffies_till_sched_qs rcutree.kthread_prio rcutree.nocb_nobypass_lim_per_jiffy
        rcutree.nohz_full_patience_delay rcutree.qhimark rcutree.qlowmark rcutree.qovld rcutree.rcu_delay_page_cache_fill_msec rcutree.rcu_divisor
        rcutree.rcu_fanout_exact rcutree.rcu_fanout_leaf rcutree.rcu_idle_gp_delay rcutree.rcu_idle_lazy_gp_delay rcutree.rcu_kick_kthreads rcutree.rcu_min_cached_objs
        rcutree.rcu_nocb_gp_stride rcutree.rcu_normal_wake_from_gp rcutree.rcu_resched_ns rcutree.rcu_unlock_delay rcutree.sysrq_rcu rcutree.use_softirq rd.auto
        rd.bootif rd.break rd.cio_accept rd.cmdline rd.ctty rd.dasd rd.dm rd.dm.uuid rd.driver.blacklist rd.driver.post rd.driver.pre rd.emergency rd.fcoe rd.fstab
        rd.hostonly rd.info rd.iscsi.firmware rd.iscsi.ibft rd.iscsi.in.password rd.iscsi.in.username rd.iscsi.initiator rd.iscsi.login_retry_max rd.iscsi.mp
        rd.iscsi.param rd.iscsi.password rd.iscsi.target.group rd.iscsi.target.ip rd.iscsi.target.name rd.iscsi.target.port rd.iscsi.testroute rd.iscsi.transport
        rd.iscsi.username rd.iscsi.waitnet rd.kdumploglvl rd.live.debug rd.live.dir rd.live.overlay rd.live.overlay.cowfs rd.live.overlay.nouserconfirmprompt
        rd.live.overlay.overlayfs rd.live.overlay.readonly rd.live.overlay.reset rd.live.overlay.size rd.live.overlay.thin rd.live.ram rd.live.squashimg rd.luks
        rd.luks.crypttab rd.luks.key rd.luks.key.tout rd.luks.name rd.luks.options rd.luks.timeout rd.luks.uuid rd.lvm rd.lvm.conf rd.lvm.lv rd.lvm.vg rd.md rd.md.conf
        rd.md.ddf rd.md.imsm rd.md.uuid rd.md.waitclean rd.memdebug rd.minmem rd.modules_load rd.multipath rd.neednet rd.net.dhcp.retry rd.net.timeout.carrier
        rd.net.timeout.dhcp rd.net.timeout.iflink rd.net.timeout.ifup rd.net.timeout.ipv6auto rd.net.timeout.ipv6dad rd.net.timeout.route rd.nfs.domain rd.ntp
        rd.nvmf.discover rd.nvmf.hostid rd.nvmf.hostnqn rd.overlay rd.overlay.crypt rd.overlay.reset rd.peerdns rd.plymouth rd.retry rd.route rd.shell
        rd.shutdown.timeout.umount rd.systemd.break rd.systemd.confext rd.systemd.gpt_auto rd.systemd.sysext rd.systemd.unit rd.systemd.verity rd.timeout
        rd.udev.children_max rd.udev.event_timeout rd.udev.exec_delay rd.udev.log_level rd.udev.timeout_signal rd.udev.trace rd.udev.udev_log rd.vconsole.font
        rd.vconsole.font.map rd.vconsole.font.unimap rd.vconsole.keymap rd.vconsole.keymap.ext rd.veritytab rd.writable.fsimg rd.zfcp rd.zfcp.conf rd.zipl rd.znet
        rd.znet_ifname rdinit rdrand rdt reboot refscale.holdoff refscale.lookup_instances refscale.loops refscale.nreaders refscale.nruns refscale.readdelay
        refscale.scale_type refscale.shutdown refscale.verbose refscale.verbose_batched reg_file_data_sampling relax_domain_level reserve reserve_mem reservelow
        reservetop reset_devices resume resume_offset resumedelay resumeflags resumewait retain_initrd retbleed rfkill.default_state rfkill.master_switch_mode
        rhash_entries rhgb ring3mwait riscv_isa_fallback riscv_nousercfi ro rodata root rootdelay rootfallback rootflags rootfstype roothash rootwait rproc_mem
        rseq_debug rseq_slice_ext rt_group_sched rw s390_iommu s390_iommu_aperture sa1100ir sbni scftorture.holdoff scftorture.longwait scftorture.nthreads
        scftorture.onoff_holdoff scftorture.onoff_interval scftorture.shutdown_secs scftorture.stat_interval scftorture.stutter_cpus scftorture.use_cpus_read_lock
        scftorture.verbose scftorture.weight_all scftorture.weight_all_wait scftorture.weight_many scftorture.weight_many_wait scftorture.weight_single
        scftorture.weight_single_wait sched_debug sched_proxy_exec sched_thermal_decay_shift sched_verbose schedstats sdw_mclk_divider security selinux serialnumber
        sev shapers show_lapic simeth simscsi skew_tick slab_debug slab_max_order slab_merge slab_min_objects slab_min_order slab_nomerge slab_strict_numa slram
        slub_debug slub_max_order slub_memcg_sysfs slub_merge slub_min_objects slub_min_order slub_nomerge smart2 smp.csd_lock_timeout smp.panic_on_ipistall
        smsc_ircc2.ircc_cfg smsc_ircc2.ircc_dma smsc_ircc2.ircc_fir smsc_ircc2.ircc_irq smsc_ircc2.ircc_sir smsc_ircc2.ircc_transceiver smsc_ircc2.nopnp smt
        softlockup_all_cpu_backtrace softlockup_panic spec_rstack_overflow spec_store_bypass_disable spectre_bhi spectre_v2 spectre_v2_user spia_fio_base spia_io_base
        spia_peddr spia_pedr splash split_llc split_lock_detect srbds srcutree.big_cpu_lim srcutree.convert_to_big srcutree.counter_wrap_check srcutree.exp_holdoff
        srcutree.small_contention_lim srcutree.srcu_max_nodelay srcutree.srcu_max_nodelay_phase srcutree.srcu_retry_check_delay ssbd stack_depot_disable
        stack_depot_max_pools stack_guard_gap stacktrace stacktrace_filter sti sti_font stifb stress_hpt stress_slb sunrpc.max_resvport sunrpc.min_resvport
        sunrpc.pool_mode sunrpc.svc_rpc_per_connection_limit sunrpc.tcp_slot_table_entries sunrpc.udp_slot_table_entries suspend.pm_test_delay svm swapaccount swiotlb
        switches syscall.x32 sysfs.deprecated systemd.allow_userspace_verity systemd.battery_check systemd.break systemd.clock_usec systemd.condition_first_boot
        systemd.condition_needs_update systemd.confext systemd.cpu_affinity systemd.crash_action systemd.credentials_boot_policy systemd.default_debug_tty
        systemd.default_device_timeout_sec systemd.default_standard_error systemd.default_standard_output systemd.default_timeout_start_sec systemd.early_core_pattern
        systemd.factory_reset systemd.firstboot systemd.getty_auto systemd.gpt_auto systemd.hostname systemd.image_filter systemd.image_policy systemd.imds
        systemd.import_credentials systemd.journald.forward_to_console systemd.journald.forward_to_kmsg systemd.journald.forward_to_syslog
        systemd.journald.forward_to_wall systemd.log_level systemd.log_location systemd.log_target systemd.machine_id systemd.mask systemd.minimum_uptime_sec
        systemd.random_seed systemd.reload_limit_burst systemd.reload_limit_interval_sec systemd.restore_state systemd.restrict_filesystem_access systemd.run
        systemd.run_failure_action systemd.run_success_action systemd.set_credential systemd.set_credential_binary systemd.setenv systemd.ssh_auto systemd.ssh_listen
        systemd.status_unit_format systemd.sysext systemd.tpm2_allow_clear systemd.tpm2_measured_os systemd.tpm2_software_fallback systemd.tpm2_wait
        systemd.tty.columns.tty systemd.tty.rows.tty systemd.tty.term.tty systemd.unit systemd.verity systemd.verity_root_data systemd.verity_root_hash
        systemd.verity_root_options systemd.verity_usr_data systemd.verity_usr_hash systemd.verity_usr_options systemd.volatile systemd.wants systemd.watchdog_device
        systemd.watchdog_pre_sec systemd.watchdog_pretimeout_governor systemd.watchdog_sec tcpmhash_entries tdfx team test_suspend thash_entries thermal.act
        thermal.crt thermal.nocrt thermal.off thermal.psv thermal.tzp thp_anon thp_shmem threadirqs tlbi topology topology_updates torture.disable_onoff_at_boot
        torture.ftrace_dump_at_shutdown torture.verbose_sleep_duration torture.verbose_sleep_frequency tp720 tp_printk tp_printk_stop_on_boot tpm.disable_pcr_integrity
        tpm_crb_ffa.busy_timeout_ms tpm_suspend_pcr tpm_tis.interrupts trace_buf_size trace_clock trace_event trace_instance trace_options trace_trigger
        transparent_hugepage transparent_hugepage_shmem transparent_hugepage_tmpfs trusted.debug trusted.rng trusted.source tsa tsc_early_khz tsx tsx_async_abort
        turbografx.map udbg_immortal udev.children_max udev.event_timeout udev.exec_delay udev.log_level udev.timeout_signal udev.trace uhash_entries
        uhci_hcd.ignore_oc unaligned_scalar_speed unaligned_vector_speed unwind_debug usb_storage.delay_use usb_storage.quirks usbcore.authorized_default
        usbcore.autosuspend usbcore.blinkenlights usbcore.initial_descriptor_timeout usbcore.nousb usbcore.old_scheme_first usbcore.quirks usbcore.usbfs_memory_mb
        usbcore.usbfs_snoop usbcore.usbfs_snoop_max usbcore.use_both_schemes usbhid.jspoll usbhid.kbpoll usbhid.mousepoll user_debug userpte usrhash vconsole.font
        vconsole.font_map vconsole.font_scale vconsole.font_unimap vconsole.keymap vconsole.keymap_toggle vdso vdso32 vector vga video video.brightness_switch_enabled
        virtio_mmio.device vlan vm_debug vmalloc vmcp_cma vmhalt vmpanic vmpoff vmscape vsyscall vt.color vt.cur_default vt.default_blu vt.default_grn vt.default_red
        vt.default_utf8 vt.global_cursor_default vt.italic vt.underline watchdog_thresh workqueue.cpu_intensive_thresh_us workqueue.cpu_intensive_warning_thresh
        workqueue.panic_on_stall workqueue.panic_on_stall_time workqueue.unbound_cpus workqueue.watchdog_thresh writecombine x2apic_phys x86_intel_mid_timer
        xen.balloon_boot_timeout xen.event_eoi_delay xen.event_loop_timeout xen.fifo_events xen_512gb_limit xen_console_io xen_emul_unplug xen_legacy_crash
        xen_mc_debug xen_msr_safe xen_nopv xen_nopvspin xen_scrub_pages xen_timer_slop xhci_hcd.quirks xirc2ps_cs xive xive.store_eoi xmon
        """;
}
