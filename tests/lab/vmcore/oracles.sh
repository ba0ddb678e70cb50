#!/bin/bash
# What other tools say of the same memory, beside what kdt says: makedumpfile's log, drgn's tasks and stacks, crash's.

# Wall time and peak memory of a program go to FILE, its output to OUT; the machine is shared, so of three runs the fastest counts.
measured() { # RUNS FILE OUT COMMAND…
    local runs=$1 file=$2 out=$3 best='' i t
    shift 3
    for ((i = 0; i < runs; i++)); do
        /usr/bin/time -q -f '%e %M' -o "$file.new" "$@" > "$out" 2> "$out.err" || true
        t=$(cut -d' ' -f1 "$file.new")
        if [ -z "$best" ] || awk "BEGIN { exit !($t < $best) }"; then best=$t; cp "$file.new" "$file"; fi
    done
    rm -f "$file.new"
}

# Every view of one dump in whatever form it has: what they show must not depend on the form
views() { # DIRECTORY FILES…
    local dir=$1 view
    shift
    mkdir -p "$dir"
    for view in log bt ps modules irq devices; do "$KDT" vmcore $view "$@" > "$dir/$view" 2> "$dir/$view.err"; done
    "$KDT" vmcore bt --all --json "$@" > "$dir/bt-all.json" 2> "$dir/bt-all.err"
}

compare_forms() { # every form of one memory
    local dumps=$LAB_WORK/dumps form files first=$LAB_WORK/views/plain told
    views "$first" "$dumps/plain"
    : > "$LAB_WORK/forms"
    for form in "$dumps"/*; do
        form=${form##*/}
        files=("$dumps/$form")
        case $form in
            split31.1) files=("$dumps"/split31.3 "$dumps"/split31.1 "$dumps"/split31.2); form=split31 ;;
            split31.*) continue ;;
        esac
        check "verify finds $form whole" "$KDT" vmcore verify "${files[@]}"
        told=
        if [ "$form" != plain ]; then
            views "$LAB_WORK/views/$form" "${files[@]}"
            told=$(python3 "$LAB_HERE/vmcore/compare-forms.py" "$first" "$LAB_WORK/views/$form" 2>&1 | tail -n 1)
            case $told in
                same) ok "$form says what the plain copy says" ;;
                less*) ok "$form says what the plain copy says, and which part of it its writer left out: $told" ;;
                *) fail "$form and the plain copy: $told" ;;
            esac
        fi
        echo "$form $("$KDT" vmcore info "${files[@]}" | sed -n 's/^format *//p')${told:+, $told}" >> "$LAB_WORK/forms"
    done
}

# makedumpfile of the suite and of sid. Newer ones print who called printk behind the time; without that the lines are the same.
compare_log() {
    local root version
    LOG_SAME=
    for root in "$KERNEL_ROOT" "$DEBUGGERS"; do
        rm -f "$LAB_WORK/dmesg"
        "$LAB_HERE/in-root" "$root" "$LAB_WORK" makedumpfile --dump-dmesg -f dumps/l31 dmesg > "$LAB_WORK/dmesg.err" 2>&1 || true
        version=$("$LAB_HERE/in-root" "$root" "$LAB_WORK" makedumpfile -v 2>&1 | sed -n 's/.*version \([0-9.]*\).*/\1/p' | head -1)
        # those that print no caller are an answer byte for byte
        if [ "$root" = "$KERNEL_ROOT" ]; then cp "$LAB_WORK/dmesg" "$LAB_WORK/dmesg.plain" 2> /dev/null; grep -Eq '^\[ *[0-9.]+\] \[ *[TC][0-9]+\] ' "$LAB_WORK/dmesg.plain" && rm -f "$LAB_WORK/dmesg.plain"; fi
        if [ ! -s "$LAB_WORK/dmesg" ]; then
            note "makedumpfile $version does not read it: $(grep -v '^makedumpfile Failed' "$LAB_WORK/dmesg.err" | grep . | tail -n 1)"
            LOG_SAME+="$version: cannot read it; "
        elif cmp -s "$LAB_WORK/dmesg" "$LAB_WORK/views/l31/log"; then
            ok "the log is that of makedumpfile $version, byte for byte"
            LOG_SAME+="$version: identical; "
        elif "$KDT" vmcore log --caller "$LAB_WORK/dumps/l31" 2> /dev/null | cmp -s "$LAB_WORK/dmesg" -; then
            ok "the log with --caller is that of makedumpfile $version, byte for byte"
            LOG_SAME+="$version: identical with --caller; "
        else
            LC_ALL=C sed -i -E 's/^(\[ *[0-9]+\.[0-9]+\] )\[ *[TC][0-9]+\] /\1/' "$LAB_WORK/dmesg"
            check "the log is that of makedumpfile $version, its caller column apart" same_log
            if same_log; then LOG_SAME+="$version: identical but for its caller column; "; else LOG_SAME+="$version: differs; "; fi
        fi
    done
}

# Lines that go on over several are indented by as much as stands before them, so the caller's width is taken out there too.
same_log() {
    cmp -s "$LAB_WORK/dmesg" "$LAB_WORK/views/l31/log" ||
        cmp -s <(LC_ALL=C sed -E 's/^ {15,}/ /' "$LAB_WORK/dmesg") <(LC_ALL=C sed -E 's/^ {15,}/ /' "$LAB_WORK/views/l31/log")
}

compare_drgn() {
    local json=$LAB_WORK/json view
    mkdir -p "$json"
    for view in ps "bt --all" modules irq devices; do
        # shellcheck disable=SC2086 # "bt --all" is two words
        "$KDT" vmcore $view --json "$LAB_WORK/dumps/plain" > "$json/${view%% *}.json" 2> "$json/err"
    done
    cp "$LAB_HERE"/vmcore/*.py "$LAB_WORK/"
    ln -f "$VMLINUX" "$LAB_WORK/vmlinux" 2> /dev/null || cp "$VMLINUX" "$LAB_WORK/vmlinux"
    "$LAB_HERE/in-root" "$DEBUGGERS" "$LAB_WORK" python3 compare-drgn.py dumps/plain vmlinux json > "$LAB_WORK/drgn.txt" 2>&1
    tail -n 1 "$LAB_WORK/drgn.txt" > "$LAB_WORK/drgn.json"
    check "drgn could be asked" grep -q '^{"tasks"' "$LAB_WORK/drgn.json"
}

# Views of tasks, scheduling and locks beside drgn's, on the copy that has every page; after compare_drgn, which brought vmlinux and the programs.
compare_tasks() {
    local json=$LAB_WORK/json view
    "$KDT" vmcore ps --args --json "$LAB_WORK/dumps/plain" > "$json/ps.json" 2> "$json/err"
    for view in runq timers workqueues locks ipc sys bpf cgroups; do
        "$KDT" vmcore $view --json "$LAB_WORK/dumps/plain" > "$json/$view.json" 2> "$json/$view.err"
    done
    "$LAB_HERE/in-root" "$DEBUGGERS" "$LAB_WORK" python3 compare-tasks.py dumps/plain vmlinux json > "$LAB_WORK/tasks.txt" 2>&1
    tail -n 1 "$LAB_WORK/tasks.txt" > "$LAB_WORK/tasks.json"
    for view in ps runq timers workqueues locks ipc sys bpf cgroups; do
        check "drgn says of $view what kdt says" grep -Eq "\"$view\": \{\"compared\": [0-9]+, \"different\": 0\}" "$LAB_WORK/tasks.json"
    done
}

# Views of memory, processes, disks and the network, and a core of every process, beside drgn's.
compare_memory() {
    local json=$LAB_WORK/json view pid dump=$LAB_WORK/dumps/plain
    rm -f "$json"/core.* "$json"/vm-* "$json"/files-* "$json"/address-*
    for view in memory mounts net block swap oom; do "$KDT" vmcore $view --json "$dump" > "$json/$view.json" 2> "$json/$view.err"; done
    "$KDT" vmcore memory --slab --json "$dump" > "$json/slab.json" 2> "$json/slab.err"
    "$KDT" vmcore memory --vmalloc --json "$dump" > "$json/vmalloc.json" 2> "$json/vmalloc.err"
    for pid in $(sed -n 's/^ *"pid": \([0-9]*\),$/\1/p' "$json/oom.json" | head -n 5); do
        "$KDT" vmcore vm --pid "$pid" --json "$dump" > "$json/vm-$pid.json"
        "$KDT" vmcore files --pid "$pid" --json "$dump" > "$json/files-$pid.json"
        "$KDT" vmcore gcore --pid "$pid" -o "$json/core.$pid" "$dump" > "$json/gcore-$pid"
    done
    for view in init_task jiffies_64 $(sed -n 's/^ *"task": "\([0-9a-f]*\)",$/\1/p' "$json/ps.json" | head -n 10); do
        "$KDT" vmcore memory --at "$view" --json "$dump" > "$json/address-$view.json"
    done
    for view in memory process; do
        "$LAB_HERE/in-root" "$DEBUGGERS" "$LAB_WORK" python3 compare-$view.py dumps/plain vmlinux json > "$LAB_WORK/$view.txt" 2>&1
        tail -n 1 "$LAB_WORK/$view.txt" > "$LAB_WORK/$view.json"
        check "drgn says of views of $view what kdt says" grep -q '"differences": 0}' "$LAB_WORK/$view.json"
    done
    rm -f "$json"/core.*
}

# Random members of random objects, arithmetic of C, and the variables whose types kdt has in a table
compare_expressions() {
    cp "$LAB_HERE"/vmcore/drgn-expressions.py "$LAB_WORK/"
    sed -n 's/^ *new("\([A-Za-z0-9_]*\)", "[a-z].*/\1/p' "$LAB_HERE/../../src/Kdump.Kernel/Expressions/KnownVariables.cs" > "$LAB_WORK/variables"
    "$LAB_HERE/in-root" "$DEBUGGERS" "$LAB_WORK" python3 drgn-expressions.py dumps/plain vmlinux 500 variables \
        > "$LAB_WORK/expressions.json" 2> "$LAB_WORK/expressions.err"
    check "drgn answered expressions" grep -q '^{"answers"' "$LAB_WORK/expressions.json"
    check "expressions have drgn's values" python3 "$LAB_HERE/vmcore/compare-expressions.py" "$KDT" "$LAB_WORK/dumps/plain" \
        "$LAB_WORK/expressions.json"
}

# File, line and inlined functions of every frame beside addr2line's; after compare_drgn, which brought vmlinux.
compare_lines() {
    local loaded linked
    loaded=$("$KDT" vmcore sym "$LAB_WORK/dumps/l31" _stext | cut -d' ' -f1)
    linked=$("$LAB_HERE/in-root" "$KERNEL_ROOT" "$LAB_WORK" nm vmlinux | sed -n 's/ T _stext$//p')
    "$KDT" vmcore bt --all --json --vmlinux "$KDUMP_LAB/debug" "$LAB_WORK/dumps/plain" > "$LAB_WORK/json/lines.json" 2> "$LAB_WORK/json/lines.err"
    python3 "$LAB_HERE/vmcore/compare-lines.py" "$LAB_WORK/json/lines.json" "$LAB_WORK/vmlinux" "$(printf '%x' $((0x$loaded - 0x$linked)))" "$VMMODULES" > "$LAB_WORK/lines.txt" 2>&1
    tail -n 1 "$LAB_WORK/lines.txt" > "$LAB_WORK/lines.json"
    check "addr2line says of every frame's line what kdt says" grep -q '"differences": 0}' "$LAB_WORK/lines.json"
}

# The frames of crash's "foreach bt", by address; crash goes by its own unwinder, and its exception frames are no frames of its list.
compare_crash() {
    printf 'foreach bt\nquit\n' > "$LAB_WORK/crash.in"
    "$LAB_HERE/in-root" "$DEBUGGERS" "$LAB_WORK" crash -s -i crash.in vmlinux dumps/plain > "$LAB_WORK/crash.txt" 2>&1
    python3 "$LAB_HERE/vmcore/compare-crash.py" "$LAB_WORK/crash.txt" "$LAB_WORK/json/bt.json" > "$LAB_WORK/crash-compared.txt" 2>&1
    tail -n 1 "$LAB_WORK/crash-compared.txt" > "$LAB_WORK/crash.json"
}

# crash's other commands beside kdt's views, on the copy that has every page; after compare_tasks and compare_memory, which left theirs.
compare_views() {
    local json=$LAB_WORK/json pid pids=()
    for pid in "$json"/files-*.json; do
        [ -e "$pid" ] || continue
        pid=${pid##*/files-} pid=${pid%.json}
        "$KDT" vmcore signals --pid "$pid" --json "$LAB_WORK/dumps/plain" > "$json/signals-$pid.json" 2> "$json/signals.err"
        pids+=("$pid")
    done
    python3 "$LAB_HERE/vmcore/compare-views.py" --commands "${pids[@]}" > "$LAB_WORK/crash.in"
    "$LAB_HERE/in-root" "$DEBUGGERS" "$LAB_WORK" crash -s -i crash.in vmlinux dumps/plain > "$LAB_WORK/crash-views.txt" 2>&1
    if ! grep -q '^kdt-lab: sys$' "$LAB_WORK/crash-views.txt"; then
        note "crash does not open it: $(grep . "$LAB_WORK/crash-views.txt" | tail -n 1)"
        return
    fi
    python3 "$LAB_HERE/vmcore/compare-views.py" "$LAB_WORK/crash-views.txt" "$json" > "$LAB_WORK/crash-views" 2>&1
    check "crash says of its views what kdt says ($(tail -n 1 "$LAB_WORK/crash-views" | tr -d '{}"' | cut -c1-600))" \
        sh -c 'tail -n 1 "$1" | grep -q "^{" && ! tail -n 1 "$1" | grep -q "\"different\": [1-9]"' - "$LAB_WORK/crash-views"
}

measure() { # kdt and its peers on the same dump, one after the other
    local dump=$LAB_WORK/dumps/l31 at=$LAB_WORK/cost
    mkdir -p "$at"
    sh -c 'cat "$@" > /dev/null' - "$dump" "$LAB_WORK/dumps/plain" "$VMLINUX"
    measured 3 "$at/kdt-log" "$at/out" "$KDT" vmcore log "$dump"
    measured 3 "$at/kdt-bt" "$at/out" "$KDT" vmcore bt "$dump"
    measured 3 "$at/kdt-bt-all" "$at/out" "$KDT" vmcore bt --all "$dump"
    measured 1 "$at/drgn-bt-all" "$at/out" "$LAB_HERE/in-root" "$DEBUGGERS" "$LAB_WORK" python3 drgn-stacks.py dumps/plain vmlinux
    printf 'sys\nbt\nquit\n' > "$LAB_WORK/crash.in"
    measured 1 "$at/crash-bt" "$at/out" "$LAB_HERE/in-root" "$DEBUGGERS" "$LAB_WORK" crash -s -i crash.in vmlinux dumps/l31
}
