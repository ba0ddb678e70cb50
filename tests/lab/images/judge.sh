#!/bin/bash
# What kdt says of an image, and whether that is what must be said.

count() { cat "$work/$1" 2> /dev/null | wc -l; }

# Ids of findings above info, sorted, one line: of the image, which the check of the whole machine must say as well.
verdict_of() { # IMAGE ROOT
    local image host
    image=$(ids_of image check --json "$1" --root "$2")
    host=$(ids_of host check --json --image "$1" --root "$2")
    [ "$image" = "$host" ] && echo "$image" || echo "image check: '$image', host check: '$host'"
}

ids_of() { # ARGS…
    "$KDT" "$@" > "$work/check.json" 2> "$work/check.err"
    [ $? -le 1 ] || { echo "failed: $(head -c 300 "$work/check.err")"; return; }
    # "severity" stands behind the "id" of its finding
    tr -d '\n' < "$work/check.json" | grep -o '"findings": *\[.*' | grep -oE '"(id|severity)": *"[^"]*"' | sed 's/.*: *"//; s/"$//' |
        paste - - | awk '$2 != "info" { print $1 }' | sort -u | paste -sd' ' -
}

# fault NAME IMAGE IDS WHAT: with the script on standard input planted, exactly these findings must be reported.
fault() {
    local name=$1 image=$2 ids=$3 what=$4 got
    selected "$name" || return 0
    echo "$name" >> "$work/faults"
    plant "$name" "$image" || { echo "FAIL  $name: the fault could not be planted"; return; }
    got=$(verdict_of "$work/$name.img" "$PLANTED")
    printf '%s|%s|%s|%s|%s\n' "$name" "$image" "$what" "$ids" "$got" >> "$work/table"
    if [ "$got" = "$ids" ]; then
        echo "ok    $name: $got"
        echo "$name" >> "$work/found"
        rm -f "$work/$name.img"
    else
        echo "FAIL  $name ($what): must be '$ids', is '$got'"
        for id in $got; do [[ " $ids " == *" $id "* ]] || echo "$name $id" >> "$work/extra"; done
        cp "$work/check.json" "$work/$name.json"
    fi
}

healthy() { # NAME IMAGE ROOT WHAT
    local got
    selected "$1" || return 0
    echo "$1" >> "$work/healthy"
    got=$(verdict_of "$2" "$3")
    printf '%s|%s|%s\n' "$1" "$4" "${got:-none}" >> "$work/healthy-table"
    if [ -z "$got" ]; then
        echo "ok    $1: nothing above info"
        echo "$1" >> "$work/healthy-passed"
    else
        echo "FAIL  $1 ($4): $got"
        echo "$1 $got" >> "$work/alarms"
        cp "$work/check.json" "$work/$1.json"
    fi
}

# docs/image-check.md: what stands there before the tables stays, the rest is written anew.
write_table() { # FILE
    local head
    head=$(sed '/^<!-- written by/,$d' "$1" 2> /dev/null)
    {
        printf '%s\n\n' "$head"
        echo "<!-- written by make lab-images -->"
        echo "$(count found) of $(count faults) faults found with nothing else; $(count extra) findings that were not asked for; $(count alarms) false alarms on $(count healthy) whole images."
        echo
        echo "## Whole images"
        echo
        echo "| image | how it was made | found above info |"
        echo "|---|---|---|"
        awk -F'|' '{ printf "| %s | %s | %s |\n", $1, $2, $3 }' "$work/healthy-table"
        echo
        echo "## Faults"
        echo
        echo "| fault | image | what was done | found |"
        echo "|---|---|---|---|"
        awk -F'|' '{ n = split($5, id, " "); s = ""; for (i = 1; i <= n; i++) s = s (i > 1 ? ", " : "") "`" id[i] "`"; printf "| %s | %s | %s | %s |\n", $1, $2, $3, s == "" ? "nothing" : s }' "$work/table"
        echo
        echo "## Lists beside other tools"
        echo
        echo "| image | tool | names that kdt lists | names that the tool lists |"
        echo "|---|---|---|---|"
        awk -F'|' '{ printf "| %s | %s | %s | %s |\n", $1, $2, $3, $4 }' "$work/compare-table"
    } > "$1.new"
    mv "$1.new" "$1"
}
