#!/usr/bin/env bash
# Install Debian's servers for the tests, and node for the independent signer, without ever starting a system service.
# What is there already is left alone; what this script installs is not enabled at boot either.
set -eu
cd "$(dirname "$0")/../.."

say() { printf 'servers: %s\n' "$*"; }
fail() { printf 'servers: %s\n' "$*" >&2; exit 1; }

# program or file that a test needs | Debian's package that has it
needed='
/usr/sbin/postfix           postfix
/usr/sbin/smtp-source       postfix
/usr/sbin/smtp-sink         postfix
/usr/sbin/postfwd           postfwd
/usr/sbin/dovecot           dovecot-core
/usr/lib/dovecot/imap       dovecot-imapd
/usr/lib/dovecot/lmtp       dovecot-lmtpd
/usr/bin/sievec             dovecot-sieve
/usr/sbin/haproxy           haproxy
/usr/sbin/kamailio          kamailio
/usr/bin/sipp               sip-tester
node                        nodejs
npm                         npm
'

missing_packages() {
    while read -r what package; do
        [ -n "$what" ] || continue
        command -v "$what" >/dev/null 2>&1 || echo "$package"
    done <<<"$needed"
    # Kamailio's modules are no programs, and have a folder per architecture.
    ls /usr/lib/*/kamailio/modules/http_client.so >/dev/null 2>&1 || echo kamailio-utils-modules
    ls /usr/lib/*/kamailio/modules/jansson.so >/dev/null 2>&1 || echo kamailio-extra-modules
    # The FUSE layer of the power cut test: the library has a folder per architecture, and fuse3 has a fusermount too.
    ls /usr/lib/*/libfuse.so.2 /lib/*/libfuse.so.2 >/dev/null 2>&1 || echo libfuse2
    command -v fusermount >/dev/null 2>&1 || echo fuse
}

# Debian's hook that answers whether a package may start its service: 101 is never.
policy=/usr/sbin/policy-rc.d
kept=

forbid_starting() {
    if [ -e "$policy" ] || [ -L "$policy" ]; then
        kept=$(mktemp -u "$policy.parley-XXXXXX")
        mv "$policy" "$kept"
    fi
    printf '#!/bin/sh\nexit 101\n' >"$policy"
    chmod 755 "$policy"
}

allow_starting() {
    rm -f "$policy"
    [ -z "$kept" ] || mv "$kept" "$policy"
}

install_packages() {
    command -v apt-get >/dev/null 2>&1 || fail "this machine has no apt-get: install $* (or what your system calls them) by hand."
    [ "$(id -u)" -eq 0 ] || fail "installing $* needs root: run 'sudo make servers'."
    trap allow_starting EXIT
    trap 'exit 130' INT
    trap 'exit 143' TERM HUP
    forbid_starting
    export DEBIAN_FRONTEND=noninteractive
    apt-get update -qq || fail "apt-get update failed: is the network there?"
    debconf-set-selections <<<'postfix postfix/main_mailer_type select Local only' 2>/dev/null || true
    apt-get install -y -qq --no-install-recommends -o Dpkg::Use-Pty=0 "$@" >"$log" 2>&1 ||
        { tail -n 20 "$log" >&2; fail "apt-get could not install $*: its last lines are above, all of them in $log."; }
    allow_starting
    trap - EXIT INT TERM HUP
}

leave_disabled() {
    for service in "$@"; do
        case $service in
        postfix | postfwd | haproxy | kamailio) ;;
        dovecot-core) service=dovecot ;;
        *) continue ;;
        esac
        update-rc.d "$service" disable >/dev/null 2>&1 || true
        ! command -v systemctl >/dev/null 2>&1 || systemctl disable "$service" >/dev/null 2>&1 || true
    done
}

log=$(mktemp)
mapfile -t packages < <(missing_packages | sort -u)
if [ "${#packages[@]}" -gt 0 ]; then
    say "installing ${packages[*]}"
    install_packages "${packages[@]}"
    leave_disabled "${packages[@]}"
    mapfile -t packages < <(missing_packages | sort -u)
    [ "${#packages[@]}" -eq 0 ] || fail "still missing after installing: ${packages[*]}; see $log."
fi
rm -f "$log"

# The independent signer of webhooks, exactly as locked.
lock=$(sha256sum tests/npm/package-lock.json)
if [ "$(cat tests/npm/node_modules/.done 2>/dev/null)" != "$lock" ]; then
    (cd tests/npm && npm ci --silent --ignore-scripts) || fail "npm could not install tests/npm/package-lock.json."
    echo "$lock" >tests/npm/node_modules/.done
fi
say "postfix, postfwd, dovecot, haproxy, kamailio, sipp, fuse and node are installed; none was started."
