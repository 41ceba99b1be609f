# Functions about members on this machine, for the scripts beside this folder. Needs bash and Linux' /proc, nothing else.

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd -P)

# Whether somebody listens on a loopback port.
is_taken() {
    { exec 4<>"/dev/tcp/127.0.0.1/$1"; } 2>/dev/null || return 1
    exec 4>&-
}

# http_get PORT PATH: prints the page; fails unless it comes with status 200, and within 2 seconds a line. Says the secret of
# GRID_SECRET_FILE if there is one.
http_get() {
    local status line body result=1 secret=""
    [[ -r ${GRID_SECRET_FILE:-} ]] && secret="Authorization: Bearer $(<"$GRID_SECRET_FILE")"$'\r\n'
    { exec 4<>"/dev/tcp/127.0.0.1/$1"; } 2>/dev/null || return 1
    printf 'GET %s HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n%s\r\n' "$2" "$secret" >&4
    if read -r -t 2 -u 4 _ status _; then
        while read -r -t 2 -u 4 line && [[ $line != $'\r' ]]; do :; done
        IFS= read -r -t 2 -d '' -u 4 body || true
        printf '%s' "$body"
        [[ $status == 200 ]] && result=0
    fi
    exec 4>&-
    return $result
}

# has_joined HTTP_PORT COUNT: whether this member serves, in a cluster of COUNT members
has_joined() {
    local cluster addresses
    cluster=$(http_get "$1" /cluster) || return 1
    addresses=${cluster//[^\"]\"address\":/}
    [[ $cluster == *'"ready":true'* ]] && (((${#cluster} - ${#addresses}) == $2 * 11))
}

# Whether this member's partitions all have the copies that they should have.
is_safe() {
    http_get "$1" /cluster/safe >/dev/null
}

# is_running PID CLUSTER: whether this process lives and is a member of this cluster
is_running() {
    tr '\0' ' ' 2>/dev/null <"/proc/$1/cmdline" | grep -q -- "--cluster $2 "
}
