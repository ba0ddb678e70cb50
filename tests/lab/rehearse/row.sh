#!/bin/bash
# One line of the rehearsals' table: shared by rehearse/run and rehearse/faults.
# shellcheck disable=SC2154 # names, again, WORK and REHEARSE come from the caller, VMLINUZ and KVER from its kernel

wanted() { # NAME: it was asked for, and is not kept
    [ ${#names[@]} -eq 0 ] || [[ " ${names[*]} " = *" $1 "* ]] || return 1
    [ -n "$again" ] || [ ! -s "$WORK/$1.row" ] || return 1
}

# It must come as far as END and no farther, with one of the findings FINDING (an ERE; empty: none is asked for) of the boot itself.
# FORETOLD (ids, with blanks between): what the same image and machine must be told of before the boot.
rehearsal() { # NAME IMAGE-KIND END FINDING OPTION…
    local name=$1 kind=$2 end=$3 finding=$4 out=$WORK/$1.json reached found foretold peak id word=ok
    shift 4
    "$KDT" host rehearse --json --kernel "$VMLINUZ" --limit "${LIMIT:-300}" --console "$WORK/$name.log" "$@" > "$out" 2> "$WORK/$name.err"
    reached=$(sed -n 's/^ *"reached": "\(.*\)",/\1/p' "$out")
    found=$(sed '/"foretold": \[$/,/^ *\]/d' "$out" | sed -n 's/^ *"id": "\(.*\)",/\1/p' | sort -u | grep -vx -e kernel-panic -e dump-saved | head -4 | tr '\n' ' ')
    foretold=$(sed -n '/"foretold": \[$/,/^ *\]/s/^ *"id": "\(.*\)",/\1/p' "$out" | sort -u | tr '\n' ' ')
    peak=$(sed -n 's/^ *"peakBytes": \([0-9]*\),/\1/p' "$out")
    [ "$reached" = "$end" ] || word=FAIL
    [ "$end" != dump ] || grep -q '"opens": true' "$out" || [ "${FS:-ext4}" != ext4 ] || word=FAIL
    [ -z "$finding" ] || grep -Eqx "($finding)" <<< "${found// /$'\n'}" || grep -Eq "\"id\": \"($finding)\"" <(sed '/"foretold": \[$/,/^ *\]/d' "$out") || word=FAIL
    for id in ${FORETOLD-}; do [[ " $foretold" = *" $id "* ]] || word=FAIL; done
    echo "| $KVER | $kind | $name | $(sed -n 's/^ *"reservedMegabytes": \(.*\),/\1/p' "$out") MB | ${peak:+$((peak >> 20)) MB} | ${reached:-$(head -c 60 "$WORK/$name.err")} | ${found:--} |" \
        "${foretold:--} | $(sed -n 's/^ *"seconds": \(.*\),/\1/p' "$out") s | $word |" | tee "$WORK/$name.row"
}

document() {
    cat "$KDUMP_LAB"/work/rehearse/*/*.row > "$KDUMP_LAB/work/rehearse/table"
    python3 "$REHEARSE/document" "$KDUMP_LAB/work/rehearse/table" "$LAB_REPO/docs/rehearse.md"
}
