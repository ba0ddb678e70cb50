# shellcheck shell=bash disable=SC2154
# A PostgreSQL on a socket of its own (sourced by run). Needs root and Debian's postgresql.

postgres_start() { # FOLDER
    "$REPO/tests/need" setpriv:util-linux createdb:postgresql-client-common lib:initdb:postgresql || return 1
    [ "$(id -u)" = 0 ] || { echo "PostgreSQL's part needs root" >&2; return 1; }
    PG=$1
    PGBIN=$(dirname "$(find /usr/lib/postgresql -name initdb | sort -V | tail -n 1)")
    mkdir -p "$PG" && chmod 755 "$(dirname "$PG")" && chown postgres "$PG" || return 1
    (cd / && as_postgres "$PGBIN/initdb" -D "$PG/d" -U postgres -A trust > /dev/null &&
        as_postgres "$PGBIN/pg_ctl" -D "$PG/d" -o "-c listen_addresses='' -k $PG" -w -l "$PG/log" start > /dev/null) || return 1
    URL="postgresql://postgres@/postgres?host=$PG"
}
as_postgres() { setpriv --reuid=postgres --regid=postgres --clear-groups "$@"; }
postgres_stop() { (cd / && as_postgres "$PGBIN/pg_ctl" -D "$PG/d" -m immediate stop > /dev/null); }

# Four scanners at once; one of them is killed while it works, and run again.
postgres_scan() {
    local i start
    start=$(date +%s.%N)
    for i in 0 1 2 3; do "$KDT" fleet scan "$work/fleet" --into "$URL" --jobs 1 --shard "$i/4" > /dev/null & pids[i]=$!; done
    sleep 1.5
    kill -9 "${pids[2]}" && echo "     the scanner of shard 2 was killed and run again"
    wait "${pids[@]}" 2> /dev/null
    "$KDT" fleet scan "$work/fleet" --into "$URL" --jobs 1 --shard 2/4 > /dev/null || return 1
    pg_seconds=$(echo "$(date +%s.%N) - $start" | bc)
    same "$work/one.db" "$URL"
}
